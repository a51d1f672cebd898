import { Text } from "@mantine/core";
import { severityLook, statusLook } from "../../nouns/alert/looks";
import type { Episode } from "../../nouns/alert/queries";
import { titleOf } from "../../nouns/alert/titleOf";
import type { Column } from "../../ui/ListTable";
import { LookBadge } from "../../ui/LookBadge";
import { TextLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";
import { ledTo } from "./ledTo";

export const columns: Column<Episode>[] = [
  {
    label: "Alert",
    cell: (episode) => (
      <>
        <TextLink to="/alerts/$alertId" params={{ alertId: episode.id }} fw={600} style={{ overflowWrap: "anywhere" }}>
          {titleOf(episode)}
        </TextLink>
        <Text size="xs" c="dimmed" lineClamp={1} style={{ overflowWrap: "anywhere" }}>
          {Object.entries(episode.alert.labels)
            .filter(([name]) => name !== "alertname")
            .map(([name, value]) => (
              <span key={name}>{`${name}=${value}  `}</span>
            ))}
        </Text>
      </>
    ),
  },
  {
    label: "Status",
    cell: ({ alert, stale }) => <LookBadge look={statusLook(stale ? "stale" : alert.status)} />,
  },
  {
    label: "Severity",
    isSide: true,
    cell: ({ alert }) => <LookBadge look={severityLook(alert.severity)} />,
  },
  { label: "Source", isSide: true, cell: ({ alert }) => alert.integration || alert.source },
  { label: "Led to", cell: ledTo },
  { label: "Came", cell: ({ received_at }) => <RelativeTime at={received_at} /> },
  { label: "Last heard of", isSide: true, cell: ({ last_received_at }) => <RelativeTime at={last_received_at} /> },
];
