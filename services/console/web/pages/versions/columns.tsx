import { Text } from "@mantine/core";
import { changeText } from "../../nouns/definition/changes";
import type { Version, VersionedKind } from "../../nouns/definition/versions";
import type { Column } from "../../ui/ListTable";
import { TextLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";

/** What is told of each version; `shown` is the one whose text stands above. */
export function columnsOf(kind: VersionedKind, name: string, newest: Version, shown: number): Column<Version>[] {
  return [
    {
      label: "Version",
      cell: ({ version }) => (
        <>
          <TextLink
            to={`/${kind}/$name/versions`}
            params={{ name }}
            search={{ version }}
            resetScroll={false}
            fw={version === shown ? 700 : 500}
            aria-current={version === shown ? "true" : undefined}
            aria-label={`What version ${version} changed`}
          >
            {version}
          </TextLink>
          {version === newest.version && newest.change !== "deleted" ? " (now)" : ""}
        </>
      ),
    },
    { label: "What", cell: changeText },
    { label: "When", cell: ({ at }) => <RelativeTime at={at} /> },
    {
      label: "Why",
      isSide: true,
      cell: ({ note }) => (
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {note}
        </Text>
      ),
    },
    {
      label: "Compare",
      isSide: true,
      cell: ({ version }) =>
        version === newest.version ? null : (
          <TextLink
            to={`/${kind}/$name/versions`}
            params={{ name }}
            search={{ version: newest.version, against: version }}
            resetScroll={false}
            size="sm"
            aria-label={`Compare version ${version} with the newest`}
          >
            with the newest
          </TextLink>
        ),
    },
  ];
}
