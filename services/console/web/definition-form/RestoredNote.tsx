import { Alert, Button, Group, Text } from "@mantine/core";
import { History } from "lucide-react";
import type { KeptDraft } from "../nouns/definition/keptDrafts";
import { RelativeTime } from "../ui/RelativeTime";

interface RestoredNoteProps {
  kept: KeptDraft | null;
  /** The version that there is now; null for something new. */
  current: number | null;
  onDiscard: () => void;
}

/** That what stands there was written before, and never saved. */
export function RestoredNote({ kept, current, onDiscard }: RestoredNoteProps) {
  if (kept === null) {
    return null;
  }
  const isOld = kept.version !== current;
  return (
    <Alert color="blue" icon={<History />} title="What you had written is back">
      <Group gap="sm">
        <Text size="sm">
          You wrote it <RelativeTime at={new Date(kept.at).toISOString()} /> and did not save it.
          {isOld ? ` It began with version ${kept.version}; somebody has saved version ${current} since.` : ""}
        </Text>
        <Button size="compact-sm" variant="default" onClick={onDiscard}>
          Discard it
        </Button>
      </Group>
    </Alert>
  );
}
