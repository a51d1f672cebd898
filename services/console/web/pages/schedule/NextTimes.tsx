import { List, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { clockText } from "../../nouns/schedule/clockText";
import { fireTimesQuery } from "../../nouns/schedule/queries";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Reading } from "../../ui/Reading";
import { RelativeTime } from "../../ui/RelativeTime";

const LOOK_EVERY = 30_000;

/** The next ten, as the scheduler has them, on the clocks of the schedule. */
export function NextTimes({ name, timeZone }: { name: string; timeZone: string }) {
  const { data, error, refetch } = useQuery({ ...fireTimesQuery(name), refetchInterval: LOOK_EVERY });
  if (data === undefined) {
    return error === null ? (
      <Reading height={120} label="The fire times are being read" />
    ) : (
      <ProblemAlert error={error} onRetry={() => void refetch()} />
    );
  }
  if (data.items.length === 0) {
    return <Text size="sm">It will not fire: it is not enabled, or none of its fire times are left.</Text>;
  }
  return (
    <>
      <List size="sm" aria-label="Next fire times">
        {data.items.map((instant) => (
          <List.Item key={instant}>
            {clockText(instant, timeZone)}{" "}
            <Text span c="dimmed" size="sm">
              (<RelativeTime at={instant} />)
            </Text>
          </List.Item>
        ))}
      </List>
      {(data.notes ?? []).map((note) => (
        <Text key={note} size="sm" c="dimmed" mt="xs">
          Note: {note}.
        </Text>
      ))}
    </>
  );
}
