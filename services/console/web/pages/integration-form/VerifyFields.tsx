import { SegmentedControl, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { FaultList } from "../../definition-form/FaultList";
import { faultsWithin, unplaced } from "../../definition-form/faults";
import { type Part, setField } from "../../definition-form/fields/Part";
import { TextEntry } from "../../definition-form/fields/TextEntry";
import { TextsEntry } from "../../definition-form/fields/TextsEntry";
import { type JsonObject, valueAt } from "../../definition-form/json";
import { secretNamesQuery } from "../../nouns/secret/suggestions";
import { TextLink } from "../../ui/links";

type Way = "ours" | "token" | "basic" | "hmac" | "sns";

const WAYS = [
  { value: "ours", label: "A token of ours" },
  { value: "token", label: "A secret of its own" },
  { value: "basic", label: "HTTP Basic" },
  { value: "hmac", label: "A signature" },
  { value: "sns", label: "Amazon SNS" },
] satisfies { value: Way; label: string }[];

const BEGINNINGS = {
  ours: undefined,
  token: { token: { secrets: [] } },
  basic: { basic: { user: "", secrets: [] } },
  hmac: { hmac: { secrets: [] } },
  sns: { sns: { topics: [] } },
} satisfies Record<Way, JsonObject | undefined>;

/** By what a sender is known: a token of ours, or secrets that stay where they are stored. */
export function VerifyFields({ part }: { part: Part }) {
  const { data: secrets = [] } = useQuery(secretNamesQuery);
  const way = (["token", "basic", "hmac", "sns"] as const).find((one) => valueAt(part.value, `verify.${one}`) != null);
  const shown = way === undefined ? [] : [`verify.${way}`];
  return (
    <Stack gap="sm" data-field="verify">
      <FaultList faults={unplaced(faultsWithin(part.faults, "verify"), "", shown)} />
      <SegmentedControl
        aria-label="How its sender is known"
        value={way ?? "ours"}
        onChange={(chosen) => setField(part, "verify", BEGINNINGS[chosen as Way])}
        data={WAYS}
        style={{ alignSelf: "flex-start", flexWrap: "wrap" }}
      />
      {way === undefined ? (
        <Text size="sm">
          A token with the role alerts, which you make in{" "}
          <TextLink to="/settings" size="sm" underline="always">
            Tokens
          </TextLink>
          .
        </Text>
      ) : null}
      {way === undefined || way === "sns" ? null : (
        <TextsEntry
          part={part}
          name={`verify.${way}.secrets`}
          label="Stored secrets"
          description="By their names; any of them lets it in, so name two while one is changed for another"
          suggestions={secrets}
          isKeptEmpty
        />
      )}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {way === "token" ? (
          <>
            <TextEntry
              part={part}
              name="verify.token.header"
              label="In the header"
              placeholder="Authorization: Bearer"
            />
            <TextEntry
              part={part}
              name="verify.token.query"
              label="In the parameter of the address"
              description="Only where it can send no header: others on the way may log it"
              placeholder="none"
            />
          </>
        ) : null}
        {way === "basic" ? <TextEntry part={part} name="verify.basic.user" label="User" isNeeded isKeptEmpty /> : null}
        {way === "hmac" ? (
          <>
            <TextEntry
              part={part}
              name="verify.hmac.header"
              label="Header of the signature"
              placeholder="as the source has it"
            />
            <TextEntry
              part={part}
              name="verify.hmac.timestamp_header"
              label="Header of its time"
              description="Refuses what was signed more than five minutes ago"
              placeholder="none"
            />
          </>
        ) : null}
      </SimpleGrid>
      {way === "sns" ? (
        <TextsEntry
          part={part}
          name="verify.sns.topics"
          label="ARNs of topics"
          description="Only the subscriptions of these are confirmed"
          placeholder="arn:aws:sns:eu-central-1:123456789012:alarms"
          isKeptEmpty
        />
      ) : null}
    </Stack>
  );
}
