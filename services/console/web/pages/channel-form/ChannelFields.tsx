import { SegmentedControl, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { FaultList } from "../../definition-form/FaultList";
import { FormSection } from "../../definition-form/FormSection";
import { unplaced } from "../../definition-form/faults";
import { LongTextEntry } from "../../definition-form/fields/LongTextEntry";
import { NameEntry } from "../../definition-form/fields/NameEntry";
import { NewNameEntry } from "../../definition-form/fields/NewNameEntry";
import { setField } from "../../definition-form/fields/Part";
import { TextEntry } from "../../definition-form/fields/TextEntry";
import type { useDefinitionForm } from "../../definition-form/useDefinitionForm";
import { secretNamesQuery } from "../../nouns/secret/suggestions";
import { TextLink } from "../../ui/links";

const FIELDS = ["description", "url", "webhook"];

/** All fields of a channel; what lets one write to it stays in a secret. */
export function ChannelFields({ form }: { form: ReturnType<typeof useDefinitionForm> }) {
  const { state, change, base, faults } = form;
  const { data: secrets = [] } = useQuery(secretNamesQuery);
  const isNew = base.version === null;
  const part = { value: state.definition, at: "", faults, change };
  const isWebhook = state.definition.webhook !== undefined && state.definition.webhook !== null;
  const choose = (way: string) => {
    setField(part, "url", way === "webhook" ? undefined : { secret: "" });
    setField(part, "webhook", way === "webhook" ? { url: "" } : undefined);
  };
  return (
    <>
      <FaultList faults={unplaced(faults, "", isNew ? ["name", ...FIELDS] : FIELDS)} />
      <FormSection title="What it is">
        <Stack gap="sm">
          {isNew ? <NewNameEntry part={part} /> : null}
          <LongTextEntry part={part} name="description" label="Description" description="Who is told there" />
        </Stack>
      </FormSection>
      <FormSection title="Where it leads">
        <Stack gap="sm">
          <SegmentedControl
            aria-label="Where it leads"
            value={isWebhook ? "webhook" : "address"}
            onChange={choose}
            data={[
              { value: "address", label: "Mail, chat, pager" },
              { value: "webhook", label: "A program of your own" },
            ]}
            style={{ alignSelf: "flex-start" }}
          />
          {isWebhook ? (
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <TextEntry
                part={part}
                name="webhook.url"
                label="Address"
                description="Is shown, so it may hold no password"
                placeholder="https://tickets.example/opsimate"
                isNeeded
                isKeptEmpty
                isCode
              />
              <NameEntry
                part={part}
                name="webhook.signing_key.secret"
                label="Secret with the key that signs"
                description="whsec_ and 24 to 64 bytes in base64"
                suggestions={secrets}
                isNeeded
                isKeptEmpty
              />
            </SimpleGrid>
          ) : (
            <NameEntry
              part={part}
              name="url.secret"
              label="Secret with the address"
              description="As Apprise writes it, such as mailtos://… or slack://…"
              suggestions={secrets}
              isNeeded
              isKeptEmpty
            />
          )}
          <Text size="sm" c="dimmed">
            <TextLink to="/settings" search={{ show: "secrets" }} size="sm" underline="always">
              Store the secret
            </TextLink>{" "}
            first; nothing shows it again.
          </Text>
        </Stack>
      </FormSection>
    </>
  );
}
