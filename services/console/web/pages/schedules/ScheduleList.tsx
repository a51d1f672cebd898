import { Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { listOf } from "../../api/paging";
import { atText } from "../../nouns/schedule/atText";
import { decisionLook } from "../../nouns/schedule/decisions";
import { type Schedule, schedulesQuery } from "../../nouns/schedule/queries";
import { type Column, ListTable } from "../../ui/ListTable";
import { LookBadge } from "../../ui/LookBadge";
import { TextLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";
import { NoDefinitions } from "./NoDefinitions";

const LOOK_EVERY = 10_000;

const EXAMPLE = `kind: schedule
name: nightly
action: disk-cleanup
at: {daily: "02:30"}
time_zone: Europe/Berlin`;

const COLUMNS: Column<Schedule>[] = [
  {
    label: "Schedule",
    cell: (schedule) => (
      <>
        <TextLink to="/schedules/$name" params={{ name: schedule.name }} fw={600} style={{ overflowWrap: "anywhere" }}>
          {schedule.owner === null ? schedule.name : `${schedule.owner.name} (its own)`}
        </TextLink>
        <Text size="xs" c="dimmed">
          {schedule.description}
        </Text>
      </>
    ),
  },
  {
    label: "Action",
    isSide: true,
    cell: ({ action }) => (
      <TextLink to="/actions/$name" params={{ name: action }} style={{ overflowWrap: "anywhere" }}>
        {action}
      </TextLink>
    ),
  },
  {
    label: "When",
    cell: ({ at, time_zone }) => (
      <Text size="sm">
        {atText(at)}{" "}
        <Text span c="dimmed" size="xs">
          {time_zone}
        </Text>
      </Text>
    ),
  },
  {
    label: "Next",
    cell: ({ enabled, next_fire_time: next }) =>
      enabled ? next === null ? "never again" : <RelativeTime at={next} /> : "not enabled",
  },
  {
    label: "Last",
    isSide: true,
    cell: ({ last_fire: last }) => (last === null ? "" : <LookBadge look={decisionLook(last.decision)} size="sm" />),
  },
];

/** Every schedule, with when it fires next and what it did last. */
export function ScheduleList() {
  const list = useInfiniteQuery({ ...schedulesQuery, refetchInterval: LOOK_EVERY });
  return (
    <ListTable
      caption="Schedules"
      columns={COLUMNS}
      {...listOf(list)}
      keyOf={(schedule) => schedule.name}
      empty={
        <NoDefinitions
          title="There is no schedule yet."
          way={
            <TextLink to="/schedules/+new" underline="always">
              Make one here
            </TextLink>
          }
          file="nightly.yaml"
          example={EXAMPLE}
        />
      }
    />
  );
}
