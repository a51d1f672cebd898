import { Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

/** Where a list has nothing to show: why, and what to do next. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" py="xl" ta="center">
      <Text fw={600}>{title}</Text>
      {children}
    </Stack>
  );
}
