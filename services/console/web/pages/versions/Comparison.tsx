import { Group, NumberInput, Stack, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { changeText, NOTHING } from "../../nouns/definition/changes";
import { comparisonQuery, type Version, type VersionedKind } from "../../nouns/definition/versions";
import { CommandText } from "../../ui/CommandText";
import { DiffText } from "../../ui/DiffText";
import { type DiffLine, linesOf } from "../../ui/diff";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Reading } from "../../ui/Reading";
import { RelativeTime } from "../../ui/RelativeTime";
import type { Chosen } from "./chosen";
import { RestoreButton } from "./RestoreButton";

interface ComparisonProps {
  kind: VersionedKind;
  name: string;
  newest: Version;
  compared: { version: number; against: number };
  onChoose: (chosen: Chosen) => void;
}

/** What one version changes of another, and the way back to it. */
export function Comparison({ kind, name, newest, compared, onChoose }: ComparisonProps) {
  const { version, against } = compared;
  const query = useQuery({
    ...comparisonQuery(kind, name, version, against),
    placeholderData: keepPreviousData,
  });
  const number = (label: string, least: number, key: keyof Chosen, value: number, description: string) => (
    <NumberInput
      label={label}
      description={description}
      value={value}
      min={least}
      max={newest.version}
      allowDecimal={false}
      allowNegative={false}
      clampBehavior="strict"
      onChange={(chosen) => typeof chosen === "number" && onChoose({ ...compared, [key]: chosen })}
      w={170}
    />
  );
  const shown = query.data;
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="flex-end">
        <Group align="flex-end">
          {number("Version", 1, "version", version, `1 to ${newest.version}`)}
          {number("Compared with", NOTHING, "against", against, "0 shows all of it")}
        </Group>
        {shown === undefined ? null : <RestoreButton kind={kind} name={name} version={shown} newest={newest} />}
      </Group>
      {shown === undefined ? null : (
        <div>
          <Title order={2} size="h4">
            {against === NOTHING ? `All of version ${shown.version}` : `Version ${against} to version ${shown.version}`}
          </Title>
          <Text size="sm" c="dimmed" component="div" style={{ overflowWrap: "anywhere" }}>
            {changeText(shown)} <RelativeTime at={shown.at} />
            {shown.note === "" ? null : `: “${shown.note}”`}
          </Text>
        </div>
      )}
      {query.isPending ? <Reading height={120} label="The versions are being compared" /> : null}
      {query.error === null ? null : <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />}
      {shown?.diff == null ? null : against === NOTHING ? (
        <CommandText text={linesOf(shown.diff).map(textOf).join("\n")} label={`version ${shown.version}`} />
      ) : (
        <DiffText diff={shown.diff} label={`What version ${shown.version} changes of version ${against}`} />
      )}
    </Stack>
  );
}

function textOf({ text }: DiffLine): string {
  return text;
}
