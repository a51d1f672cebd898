import { Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { itemsOf } from "../../api/paging";
import { type Version, versionsQuery } from "../../nouns/action/versions";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Reading } from "../../ui/Reading";
import { RelativeTime } from "../../ui/RelativeTime";

const CHANGES = {
  created: "created by",
  changed: "changed by",
  deleted: "deleted by",
} satisfies Record<Version["change"], string>;

/** Who made an action what it is, and when. */
export function VersionList({ name, current }: { name: string; current: number }) {
  const list = useInfiniteQuery(versionsQuery(name));
  return (
    <Card withBorder component="section" aria-label="Versions">
      <Title order={2} size="h4" mb="xs">
        Versions
      </Title>
      {list.isPending ? <Reading height={80} label="The versions are being read" /> : null}
      {list.isError ? <ProblemAlert error={list.error} onRetry={() => void list.refetch()} /> : null}
      <Stack gap="xs">
        {itemsOf(list.data).map((version) => (
          <Stack key={version.version} gap={0}>
            <Group gap={6} justify="space-between">
              <Text span size="sm">
                <b>{version.version}</b>
                {version.version === current ? " (now)" : ""}, {CHANGES[version.change]} {version.by}
              </Text>
              <Text span size="xs" c="dimmed">
                <RelativeTime at={version.at} />
              </Text>
            </Group>
            {version.note === "" ? null : (
              <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                {version.note}
              </Text>
            )}
          </Stack>
        ))}
        {list.hasNextPage ? (
          <Button
            variant="default"
            size="xs"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Show more
          </Button>
        ) : null}
      </Stack>
    </Card>
  );
}
