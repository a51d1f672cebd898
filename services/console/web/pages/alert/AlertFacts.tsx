import { Group, Stack, Text } from "@mantine/core";
import type { Episode } from "../../nouns/alert/queries";
import { RelativeTime } from "../../ui/RelativeTime";

/** What was told of an alert, when, by whom, and how often. */
export function AlertFacts({ episode }: { episode: Episode }) {
  const { alert, deliveries, late_reports: late, starts } = episode;
  return (
    <Stack gap={4}>
      {alert.description ? <Text style={{ whiteSpace: "pre-line" }}>{alert.description}</Text> : null}
      <Group gap="md" style={{ rowGap: 2 }}>
        <span>
          fires since <RelativeTime at={alert.starts_at} />
          {starts.length > 1 ? `, and ${starts.length - 1} other starts were named` : null}
        </span>
        {alert.ends_at == null ? null : (
          <span>
            over <RelativeTime at={alert.ends_at} />
            {episode.ended_by === "silence" ? ", as nothing was heard of it" : null}
          </span>
        )}
        <span>
          from {alert.source}
          {alert.integration ? ` by ${alert.integration}` : null}
        </span>
        <span>
          heard of {deliveries === 1 ? "once" : `${deliveries} times, the last`}{" "}
          <RelativeTime at={episode.last_received_at} />
        </span>
        {late === 0 ? null : <span>{late === 1 ? "1 report" : `${late} reports`} came late</span>}
      </Group>
      {/* Not a link: it comes from whoever sends alerts. */}
      {alert.url ? (
        <Text size="xs" ff="monospace" style={{ overflowWrap: "anywhere" }}>
          {alert.url}
        </Text>
      ) : null}
    </Stack>
  );
}
