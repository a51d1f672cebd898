import { Group, Stack, Text } from "@mantine/core";
import { outcomeLook } from "../../nouns/delivery/outcomes";
import type { Delivery } from "../../nouns/delivery/queries";
import type { Column } from "../../ui/ListTable";
import { LookBadge } from "../../ui/LookBadge";
import { TextLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";
import { ReplayButton } from "./ReplayButton";

export const deliveryColumns: Column<Delivery>[] = [
  {
    label: "Came",
    cell: ({ received_at, times }) => (
      <>
        <RelativeTime at={received_at} />
        {times === 1 ? null : (
          <Text size="xs" c="dimmed">
            {times} times
          </Text>
        )}
      </>
    ),
  },
  {
    label: "From",
    isSide: true,
    cell: ({ source, integration, address }) => (
      <>
        {integration || source}
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {address}
        </Text>
      </>
    ),
  },
  {
    label: "What became of it",
    cell: ({ outcome, status, reason, alerts }) => (
      <Stack gap={4} align="flex-start">
        <Group gap="xs">
          <LookBadge look={outcomeLook(outcome)} />
          <Text span size="sm">
            {status}
          </Text>
          {alerts.map((alertId, index) => (
            <TextLink key={alertId} to="/alerts/$alertId" params={{ alertId }} size="sm">
              {alerts.length === 1 ? "the alert" : `alert ${index + 1}`}
            </TextLink>
          ))}
        </Group>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {reason}
        </Text>
      </Stack>
    ),
  },
  {
    label: "How it begins",
    isSide: true,
    cell: ({ beginning }) => (
      <Text size="xs" ff="monospace" lineClamp={3} maw={420} style={{ overflowWrap: "anywhere" }}>
        {beginning}
      </Text>
    ),
  },
  { label: "Decide again", isSide: true, cell: (delivery) => <ReplayButton delivery={delivery} /> },
];
