import { Button, Group, List, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { listOf } from "../../api/paging";
import { EVENT_WORDS } from "../../nouns/channel/events";
import { notificationsQuery } from "../../nouns/notification/queries";
import { notificationLook } from "../../nouns/notification/states";
import { useRefusal } from "../../nouns/session/can";
import { LookBadge } from "../../ui/LookBadge";
import { TextLink } from "../../ui/links";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RelativeTime } from "../../ui/RelativeTime";

/** In milliseconds: an attempt to deliver one may be under way. */
const LOOK_EVERY = 5_000;

/** Which channels were told of a run, of what, when, and whether it arrived; nothing where none was told anything. */
export function RunNotifications({ runId }: { runId: string }) {
  const mayRead = useRefusal("notifications.read") === null;
  const query = useInfiniteQuery({
    ...notificationsQuery({ run: runId }),
    enabled: mayRead,
    refetchInterval: LOOK_EVERY,
  });
  const { items, error, onRetry, more } = listOf(query);
  if (error !== null) {
    return <ProblemAlert error={error} onRetry={onRetry} />;
  }
  if (items.length === 0) {
    return null;
  }
  return (
    <Stack gap="xs" align="flex-start" component="section" aria-label="Who was told">
      <Title order={2} size="h4">
        Who was told
      </Title>
      <List aria-label="Notifications" spacing={6} listStyleType="none">
        {items.map(({ id, channel, event, step, state, created_at, ended_at, reason_text }) => (
          <List.Item key={id} style={{ overflowWrap: "anywhere" }}>
            <Group gap="4px 8px">
              <LookBadge look={notificationLook(state)} size="sm" />
              <Text span size="sm">
                <TextLink to="/settings" search={{ show: "notifications", channel }} size="sm" underline="always">
                  {channel}
                </TextLink>{" "}
                of {EVENT_WORDS[event]}
                {step == null ? "" : ` (${step})`}, <RelativeTime at={ended_at ?? created_at} />
              </Text>
            </Group>
            {state === "delivered" || reason_text == null ? null : (
              <Text size="sm" c="dimmed">
                {reason_text}
              </Text>
            )}
          </List.Item>
        ))}
      </List>
      {more === undefined ? null : (
        <Button variant="default" size="xs" loading={more.isReading} onClick={more.onRead}>
          Show more
        </Button>
      )}
    </Stack>
  );
}
