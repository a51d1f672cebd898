import { Button, List, Select, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { RotateCcw, X } from "lucide-react";
import { useState } from "react";
import { atItsBeginning, listOf } from "../../api/paging";
import {
  type Notification,
  type NotificationFilters,
  notificationsQuery,
  useRetryNotification,
} from "../../nouns/notification/queries";
import { NOTIFICATION_STATES, notificationLook } from "../../nouns/notification/states";
import { useRefusal } from "../../nouns/session/can";
import { DeedButton } from "../../ui/DeedButton";
import { EmptyState } from "../../ui/EmptyState";
import { FilterRow } from "../../ui/FilterRow";
import { FilterText } from "../../ui/FilterText";
import { type Column, ListTable } from "../../ui/ListTable";
import { LookBadge } from "../../ui/LookBadge";
import { TextLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";
import { UnfoldButton } from "../../ui/UnfoldButton";

const LOOK_EVERY = 5_000;

interface NotificationListProps {
  filters: NotificationFilters;
  onChange: (filters: NotificationFilters) => void;
}

/** What channels were told of runs, and how each attempt went. */
export function NotificationList({ filters, onChange }: NotificationListProps) {
  const list = useInfiniteQuery({ ...notificationsQuery(filters), ...atItsBeginning(LOOK_EVERY) });
  const [open, setOpen] = useState<string | null>(null);
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  return (
    <Stack gap="md">
      <FilterRow role="search" aria-label="Filter the notifications">
        <FilterText label="Channel" value={filters.channel} onChange={(channel) => onChange({ ...filters, channel })} />
        <Select
          label="State"
          placeholder="any"
          data={NOTIFICATION_STATES}
          value={filters.state ?? null}
          onChange={(state) => onChange({ ...filters, state: NOTIFICATION_STATES.find((one) => one === state) })}
          clearable
          w={150}
        />
        {isFiltered ? (
          <Button variant="subtle" leftSection={<X size={15} aria-hidden />} onClick={() => onChange({})}>
            Clear
          </Button>
        ) : null}
      </FilterRow>
      <ListTable
        caption="Notifications"
        columns={columnsOf(open, setOpen)}
        {...listOf(list)}
        keyOf={({ id }) => id}
        isInLines
        below={(notification) => (open === notification.id ? <Attempts notification={notification} /> : null)}
        empty={
          isFiltered ? (
            <EmptyState title="No notification is like that.">
              <Button variant="default" onClick={() => onChange({})}>
                Clear the filters
              </Button>
            </EmptyState>
          ) : (
            <EmptyState title="No channel was told anything yet." />
          )
        }
      />
    </Stack>
  );
}

function columnsOf(open: string | null, onOpen: (id: string | null) => void): Column<Notification>[] {
  return [
    {
      label: "What was told",
      cell: ({ title, run_id: runId }) => (
        <TextLink to="/runs/$runId" params={{ runId }} size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
          {title}
        </TextLink>
      ),
    },
    { label: "To", cell: ({ channel }) => channel },
    { label: "State", cell: ({ state }) => <LookBadge look={notificationLook(state)} size="sm" /> },
    { label: "When", cell: ({ created_at }) => <RelativeTime at={created_at} /> },
    {
      label: "Attempts",
      cell: ({ id, attempts }) => (
        <UnfoldButton isOpen={open === id} onToggle={() => onOpen(open === id ? null : id)}>
          {attempts === 1 ? "1 attempt" : `${attempts} attempts`}
        </UnfoldButton>
      ),
    },
  ];
}

/** What was told, what came of each attempt, and the way to have it tried again. */
function Attempts({
  notification: { id, state, text, log = [], next_attempt_at: next },
}: {
  notification: Notification;
}) {
  const retry = useRetryNotification();
  const mayRetry = useRefusal("notifications.retry");
  return (
    <Stack gap="xs" align="flex-start">
      <Text size="sm" style={{ whiteSpace: "pre-line", overflowWrap: "anywhere" }}>
        {text}
      </Text>
      <List size="sm" aria-label="Attempts">
        {log.map(({ number, at, message }) => (
          <List.Item key={number} style={{ overflowWrap: "anywhere" }}>
            <RelativeTime at={at} />: {message}
          </List.Item>
        ))}
      </List>
      {state === "pending" && next != null ? (
        <Text size="sm" component="div">
          It is tried <RelativeTime at={next} />.
        </Text>
      ) : null}
      <DeedButton
        size="xs"
        variant="default"
        leftSection={<RotateCcw size={14} aria-hidden />}
        refusal={mayRetry ?? (state === "delivered" ? "It was delivered." : null)}
        loading={retry.isPending}
        onClick={() => retry.mutate(id)}
      >
        Try it again now
      </DeedButton>
    </Stack>
  );
}
