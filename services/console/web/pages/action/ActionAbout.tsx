import { Group, Stack, Text } from "@mantine/core";
import type { Action } from "../../nouns/action/queries";
import { TagLinks } from "../../nouns/action/TagLinks";

/** What somebody wrote of an action, its name where it has a title, and its tags. */
export function ActionAbout({ action }: { action: Action }) {
  return (
    <Stack gap={4}>
      {action.description === "" ? null : <Text style={{ whiteSpace: "pre-line" }}>{action.description}</Text>}
      <Group gap="sm">
        {action.title === "" ? null : (
          <Text span size="sm" ff="monospace">
            {action.name}
          </Text>
        )}
        <TagLinks tags={action.tags} />
      </Group>
    </Stack>
  );
}
