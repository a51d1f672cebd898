import { Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { CommandText } from "../../ui/CommandText";
import { EmptyState } from "../../ui/EmptyState";

interface NoDefinitionsProps {
  title: string;
  /** The way to make one here. */
  way: ReactNode;
  file: string;
  /** What stands in the file. */
  example: string;
}

/** How a first one is made, for whoever has none yet. */
export function NoDefinitions({ title, way, file, example }: NoDefinitionsProps) {
  return (
    <EmptyState title={title}>
      <Stack gap="xs" maw={560} ta="left">
        <Text size="sm">{way}, or write one as YAML and apply it:</Text>
        <CommandText text={`opsimate apply -f - <<'END'\n${example}\nEND`} label={`the command that makes ${file}`} />
      </Stack>
    </EmptyState>
  );
}
