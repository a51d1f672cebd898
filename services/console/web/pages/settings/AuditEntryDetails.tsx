import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { AuditEntry } from "../../nouns/audit/queries";
import { originText, versionsOf } from "../../nouns/audit/sentences";
import { comparisonQuery } from "../../nouns/definition/versions";
import { DiffText } from "../../ui/DiffText";
import { TextLink } from "../../ui/links";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Reading } from "../../ui/Reading";
import { exactText } from "../../ui/time";
import { ValueTable } from "../../ui/ValueTable";

/** All that an entry says: from where, its place in the chain, and what has become of what. */
export function AuditEntryDetails({ entry }: { entry: AuditEntry }) {
  const { number, at, origin, run_id, hash, details = {} } = entry;
  const versions = versionsOf(entry);
  const from = originText(origin);
  return (
    <Stack gap="xs">
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {exactText(new Date(at))}
        {from === "" ? "" : ` · from ${from}`}
      </Text>
      {run_id == null ? null : (
        <Text size="sm">
          <TextLink to="/runs/$runId" params={{ runId: run_id }} size="sm" underline="always">
            The run {run_id}
          </TextLink>
        </Text>
      )}
      {versions === null ? (
        <ValueTable label={`Details of entry ${number}`} values={details} />
      ) : (
        <Difference {...versions} name={entry.name} />
      )}
      <Text size="xs" c="dimmed" ff="monospace" style={{ overflowWrap: "anywhere" }}>
        {number}:{hash}
      </Text>
    </Stack>
  );
}

type DifferenceProps = NonNullable<ReturnType<typeof versionsOf>> & { name: string };

/** What a version has changed of the one before it; of a first one all that it says. */
function Difference({ kind, name, version, before }: DifferenceProps) {
  const { data, error, refetch } = useQuery(comparisonQuery(kind, name, version, before));
  if (error !== null) {
    return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  }
  return data === undefined ? (
    <Reading height={80} label="The difference is being read" />
  ) : (
    <DiffText diff={data.diff ?? ""} label={`What version ${version} of ${name} changed`} />
  );
}
