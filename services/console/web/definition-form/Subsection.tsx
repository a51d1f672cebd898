import { Fieldset, Stack } from "@mantine/core";
import type { ReactNode } from "react";

/** Fields that belong together. */
export function Subsection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Fieldset legend={title} variant="default" p="sm">
      <Stack gap="sm">{children}</Stack>
    </Fieldset>
  );
}
