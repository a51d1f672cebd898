import { Card, Group, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface SectionProps {
  title: string;
  /** At the other end of the heading's line. */
  beside?: ReactNode;
  children: ReactNode;
}

/** A part of a page under a heading of its own, by which it is found, too. */
export function Section({ title, beside, children }: SectionProps) {
  return (
    <Card withBorder component="section" aria-label={title}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          {title}
        </Title>
        {beside}
      </Group>
      {children}
    </Card>
  );
}
