import { Card, Group, Stack, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Reading } from "../../ui/Reading";

interface TileProps {
  title: string;
  icon: ReactNode;
  beside?: ReactNode;
  query: { isPending: boolean; error: unknown; refetch: () => unknown };
  children: ReactNode;
}

/** A part of the dashboard: its title, and what it says, once that is there. */
export function Tile({ title, icon, beside, query, children }: TileProps) {
  return (
    <Card withBorder component="section" aria-label={title}>
      <Group justify="space-between" mb="xs" mih={30}>
        <Group gap={8}>
          {icon}
          <Title order={2} size="h4">
            {title}
          </Title>
        </Group>
        {beside}
      </Group>
      <Stack gap="xs">
        {query.isPending ? <Reading height={72} label={`${title}: being read`} /> : null}
        {query.error === null ? null : <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />}
        {children}
      </Stack>
    </Card>
  );
}
