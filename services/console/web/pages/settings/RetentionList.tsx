import { Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "../../api/client";
import { retentionQuery } from "../../nouns/retention/queries";
import { StateBadge } from "../../nouns/run/StateBadge";
import { RUN_STATES } from "../../nouns/run/states";
import { EmptyState } from "../../ui/EmptyState";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Reading } from "../../ui/Reading";
import { RelativeTime } from "../../ui/RelativeTime";
import { Section } from "../../ui/Section";
import { durationText } from "../../ui/time";

/** For how long what is kept, and what was deleted because of its age. */
export function RetentionList() {
  const { data, error, isPending, refetch } = useQuery(retentionQuery);
  return (
    <Stack gap="md">
      {error === null ? null : <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {isPending ? <Reading height={220} label="What is kept is being read" /> : null}
      {data === null ? (
        <EmptyState title="No scheduler has looked yet.">
          <Text size="sm">One looks every minute what is old enough to be deleted.</Text>
        </EmptyState>
      ) : null}
      {data == null ? null : (
        <>
          <Kept kept={data} />
          <Deleted kept={data} />
        </>
      )}
    </Stack>
  );
}

function Kept({ kept: { runs, output, alerts, notifications } }: { kept: Schemas["Retention"] }) {
  return (
    <Section title="What is kept, and for how long">
      <Table aria-label="What is kept">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Runs that ended as</Table.Th>
            <Table.Th>Are kept</Table.Th>
            <Table.Th>Their output</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {RUN_STATES.filter((state) => state in runs).map((state) => (
            <Table.Tr key={state}>
              <Table.Td>
                <StateBadge state={state} size="sm" />
              </Table.Td>
              <Table.Td>{ageText(runs[state])}</Table.Td>
              <Table.Td>{ageText(output[state])}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="sm" mt="sm">
        Alerts that are resolved: {ageText(alerts)}. Notifications: {ageText(notifications)}. Versions of definitions,
        statistics and the audit are never deleted.
      </Text>
      <Text size="sm" c="dimmed" mt="xs">
        The settings OPSIMATE_KEEP_RUNS, OPSIMATE_KEEP_OUTPUT, OPSIMATE_KEEP_ALERTS and OPSIMATE_KEEP_NOTIFICATIONS of
        the schedulers say otherwise.
      </Text>
    </Section>
  );
}

function Deleted({ kept }: { kept: Schemas["Retention"] }) {
  const counts = [
    ["Runs", kept.deleted_runs],
    ["Outputs of runs that are still there", kept.deleted_outputs],
    ["Alerts", kept.deleted_alerts],
    ["Notifications", kept.deleted_notifications],
  ] as const;
  return (
    <Section title="What was deleted so far">
      <Table aria-label="What was deleted" withRowBorders={false}>
        <Table.Tbody>
          {counts.map(([what, count]) => (
            <Table.Tr key={what}>
              <Table.Th scope="row">{what}</Table.Th>
              <Table.Td>{count}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="sm" mt="sm">
        {kept.last_at == null ? (
          "No scheduler has looked yet."
        ) : (
          <>
            A scheduler last looked <RelativeTime at={kept.last_at} />; the longest single deletion then took{" "}
            {durationText(kept.longest_bite)}.
          </>
        )}
      </Text>
    </Section>
  );
}

function ageText(age: string | null | undefined): string {
  return age === null ? "for ever" : (age ?? "");
}
