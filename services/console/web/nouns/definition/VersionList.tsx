import { Button, Group, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { itemsOf } from "../../api/paging";
import { TextLink } from "../../ui/links";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Reading } from "../../ui/Reading";
import { RelativeTime } from "../../ui/RelativeTime";
import { Section } from "../../ui/Section";
import { changeText } from "./changes";
import { type VersionedKind, versionsQuery } from "./versions";

interface VersionListProps {
  kind: VersionedKind;
  name: string;
  /** The number of the version that holds. */
  current: number;
}

/** Who made something what it is, and when; each version leads to what it changed. */
export function VersionList({ kind, name, current }: VersionListProps) {
  const list = useInfiniteQuery(versionsQuery(kind, name));
  return (
    <Section
      title="Versions"
      beside={
        <TextLink to={`/${kind}/$name/versions`} params={{ name }} size="sm">
          Compare and restore
        </TextLink>
      }
    >
      {list.isPending ? <Reading height={80} label="The versions are being read" /> : null}
      {list.isError ? <ProblemAlert error={list.error} onRetry={() => void list.refetch()} /> : null}
      <Stack gap="xs">
        {itemsOf(list.data).map((version) => (
          <Stack key={version.version} gap={0}>
            <Group gap={6} justify="space-between">
              <Text span size="sm">
                <TextLink
                  to={`/${kind}/$name/versions`}
                  params={{ name }}
                  search={{ version: version.version }}
                  size="sm"
                  fw={600}
                  aria-label={`Version ${version.version}`}
                >
                  {version.version}
                </TextLink>
                {version.version === current ? " (now)" : ""}, {changeText(version)}
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
    </Section>
  );
}
