import { Group, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Plug } from "lucide-react";
import { listOf } from "../../api/paging";
import { outcomeLook } from "../../nouns/delivery/outcomes";
import { type Integration, integrationsQuery, MOST_LOOKED_THROUGH, postsQuery } from "../../nouns/integration/queries";
import { verifyText } from "../../nouns/integration/senderTexts";
import { useRefusal } from "../../nouns/session/can";
import { DeedLink } from "../../ui/DeedLink";
import { EmptyState } from "../../ui/EmptyState";
import { type Column, ListTable } from "../../ui/ListTable";
import { LookBadge } from "../../ui/LookBadge";
import { TextLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";

const COLUMNS: Column<Integration>[] = [
  {
    label: "Integration",
    cell: ({ name, description }) => (
      <>
        <TextLink to="/integrations/$name" params={{ name }} fw={600} style={{ overflowWrap: "anywhere" }}>
          {name}
        </TextLink>
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {description}
        </Text>
      </>
    ),
  },
  { label: "Source", cell: ({ source }) => source },
  {
    label: "Its sender is known",
    isSide: true,
    cell: (integration) => (
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {verifyText(integration)}
      </Text>
    ),
  },
  { label: "Received last", cell: (integration) => <ReceivedLast integration={integration} /> },
];

/** Senders of alerts with credentials of their own, and when each was heard of. */
export function IntegrationList() {
  const list = useInfiniteQuery(integrationsQuery);
  return (
    <Stack gap="md">
      <Group>
        <DeedLink
          to="/integrations/+new"
          refusal={useRefusal("integrations.write")}
          leftSection={<Plug size={16} aria-hidden />}
        >
          New integration
        </DeedLink>
      </Group>
      <ListTable
        caption="Integrations"
        columns={COLUMNS}
        {...listOf(list)}
        keyOf={({ uid }) => uid}
        empty={
          <EmptyState title="There is no integration yet.">
            <Text size="sm" maw={520}>
              An integration is a sender of alerts with credentials of its own: a secret that it shows, or by which it
              signs. Without one, senders show a token with the role alerts.
            </Text>
          </EmptyState>
        }
      />
    </Stack>
  );
}

function ReceivedLast({ integration: { name, source } }: { integration: Integration }) {
  const { data: posts } = useQuery(postsQuery(source));
  if (posts === undefined) {
    return null;
  }
  const last = posts.find(({ integration }) => integration === name);
  if (last === undefined) {
    return (
      <Text size="sm" c="dimmed">
        {posts.length < MOST_LOOKED_THROUGH
          ? "nothing within seven days"
          : `nothing among the newest ${MOST_LOOKED_THROUGH} posts of its source`}
      </Text>
    );
  }
  return (
    <Group gap="xs">
      <RelativeTime at={last.received_at} />
      <LookBadge look={outcomeLook(last.outcome)} size="sm" />
    </Group>
  );
}
