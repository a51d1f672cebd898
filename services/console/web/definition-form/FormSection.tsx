import { Card, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** Some fields under a heading; what unfolds from one of them may reach beyond. */
export function FormSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card withBorder component="section" aria-label={title} style={{ overflow: "visible" }}>
      <Title order={2} size="h4" mb="sm">
        {title}
      </Title>
      {children}
    </Card>
  );
}
