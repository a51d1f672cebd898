import { Group, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Megaphone, Send } from "lucide-react";
import { listOf } from "../../api/paging";
import { type Channel, channelsQuery, useTestChannel } from "../../nouns/channel/queries";
import { useRefusal } from "../../nouns/session/can";
import { DeedButton } from "../../ui/DeedButton";
import { DeedLink } from "../../ui/DeedLink";
import { EmptyState } from "../../ui/EmptyState";
import { type Column, ListTable } from "../../ui/ListTable";
import { TextLink } from "../../ui/links";
import { TestReport } from "../../ui/TestReport";

const COLUMNS: Column<Channel>[] = [
  {
    label: "Channel",
    cell: ({ name, description }) => (
      <>
        <TextLink to="/channels/$name" params={{ name }} fw={600} style={{ overflowWrap: "anywhere" }}>
          {name}
        </TextLink>
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {description}
        </Text>
      </>
    ),
  },
  { label: "Leads to", isSide: true, cell: (channel) => <LeadsTo channel={channel} /> },
  { label: "Test", cell: ({ name }) => <TestChannelButton name={name} /> },
  {
    label: "What it was told",
    isSide: true,
    cell: ({ name }) => (
      <TextLink to="/settings" search={{ show: "notifications", channel: name }} size="sm">
        Notifications
      </TextLink>
    ),
  },
];

/** Where notifications go: each channel, tried by a button. */
export function ChannelList() {
  const list = useInfiniteQuery(channelsQuery);
  return (
    <Stack gap="md">
      <Group>
        <DeedLink
          to="/channels/+new"
          refusal={useRefusal("channels.write")}
          leftSection={<Megaphone size={16} aria-hidden />}
        >
          New channel
        </DeedLink>
      </Group>
      <ListTable
        caption="Channels"
        columns={COLUMNS}
        {...listOf(list)}
        keyOf={({ uid }) => uid}
        empty={
          <EmptyState title="There is no channel yet.">
            <Text size="sm" maw={520}>
              A channel is told how runs ended and what waits for approval: by mail, in a chat, or by a program of your
              own. Actions and alert rules name it.
            </Text>
          </EmptyState>
        }
      />
    </Stack>
  );
}

function LeadsTo({ channel: { url, webhook } }: { channel: Channel }) {
  return (
    <Text size="sm" style={{ overflowWrap: "anywhere" }}>
      {webhook == null ? `the address in the secret ${url?.secret ?? ""}` : webhook.url}
    </Text>
  );
}

/** Sends a test notification now, and says how that went. */
function TestChannelButton({ name }: { name: string }) {
  const test = useTestChannel(name);
  return (
    <Stack gap={6} align="flex-start">
      <DeedButton
        size="xs"
        variant="default"
        leftSection={<Send size={14} aria-hidden />}
        refusal={useRefusal("channels.test")}
        loading={test.isPending}
        aria-label={`Send a test to ${name}`}
        onClick={() => test.mutate()}
      >
        Send a test
      </DeedButton>
      <TestReport report={test.data?.data} error={test.error} />
    </Stack>
  );
}
