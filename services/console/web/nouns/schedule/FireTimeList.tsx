import { List, Text } from "@mantine/core";
import type { Schemas } from "../../api/client";
import { RelativeTime } from "../../ui/RelativeTime";
import { isFar } from "../../ui/time";
import { useNow } from "../../ui/useNow";
import { clockText } from "./clockText";

interface FireTimeListProps {
  label: string;
  times: Pick<Schemas["FireTimes"], "items" | "notes">;
  /** Whose clocks they are told on. */
  timeZone: string;
  /** What is said where there are none. */
  empty: string;
}

/** Times to come on the clocks of a zone, and what people often take otherwise in what they come of. */
export function FireTimeList({ label, times: { items, notes = [] }, timeZone, empty }: FireTimeListProps) {
  const now = useNow();
  if (items.length === 0) {
    return <Text size="sm">{empty}</Text>;
  }
  return (
    <>
      <List size="sm" aria-label={label}>
        {items.map((instant) => (
          <List.Item key={instant}>
            {clockText(instant, timeZone)}
            {isFar(new Date(instant), now) ? null : (
              <Text span c="dimmed" size="sm">
                {" "}
                (<RelativeTime at={instant} />)
              </Text>
            )}
          </List.Item>
        ))}
      </List>
      {notes.map((note) => (
        <Text key={note} size="sm" c="dimmed" mt="xs">
          Note: {note}.
        </Text>
      ))}
    </>
  );
}
