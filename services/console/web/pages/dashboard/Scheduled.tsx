import { Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CalendarClock } from "lucide-react";
import { comingQuery } from "../../nouns/schedule/queries";
import { TextLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";
import { Tile } from "./Tile";

const MOST = 6;

/** What runs next by itself, each schedule with its next fire time. */
export function Scheduled() {
  const query = useQuery(comingQuery);
  const coming = query.data ?? [];
  return (
    <Tile
      title="Scheduled"
      icon={<CalendarClock size={18} aria-hidden />}
      query={query}
      beside={
        <TextLink to="/schedules" search={{ show: "calendar" }} size="sm">
          Calendar
        </TextLink>
      }
    >
      {query.isSuccess && coming.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing runs by itself in the next month.{" "}
          <TextLink to="/schedules/+new" size="sm" underline="always">
            Schedule an action
          </TextLink>
        </Text>
      ) : null}
      {coming.slice(0, MOST).map(({ name, action, owner, at }) => (
        <Group key={name} justify="space-between" gap="2px 12px">
          <TextLink
            to="/schedules/$name"
            params={{ name }}
            underline="hover"
            c="inherit"
            miw={0}
            py={2}
            size="sm"
            style={{ overflowWrap: "anywhere" }}
          >
            <b>{action}</b>{" "}
            <Text span size="sm" c="dimmed">
              {owner === null ? `by ${name}` : "by its own schedule"}
            </Text>
          </TextLink>
          <Text span size="xs" c="dimmed">
            <RelativeTime at={at} />
          </Text>
        </Group>
      ))}
    </Tile>
  );
}
