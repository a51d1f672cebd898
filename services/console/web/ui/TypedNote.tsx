import { Alert, Button, Group, Text } from "@mantine/core";
import { History } from "lucide-react";
import type { ReactNode } from "react";
import { RelativeTime } from "./RelativeTime";
import type { Typed } from "./typed";

interface TypedNoteProps {
  found: Typed<unknown> | null;
  /** Have the form as it is where nobody has typed anything. */
  onDiscard: () => void;
  /** What has to be given anew. */
  children?: ReactNode;
}

/** That what stands in a form was typed before, and never sent. */
export function TypedNote({ found, onDiscard, children }: TypedNoteProps) {
  if (found === null) {
    return null;
  }
  return (
    <Alert color="blue" icon={<History />} title="What you had typed is back">
      <Group gap="sm">
        <Text size="sm">
          You typed it <RelativeTime at={new Date(found.at).toISOString()} />, and it was not sent. {children}
        </Text>
        <Button size="compact-sm" variant="default" onClick={onDiscard}>
          Discard it
        </Button>
      </Group>
    </Alert>
  );
}
