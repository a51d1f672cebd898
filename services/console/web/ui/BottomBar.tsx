import { Group } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./BottomBar.module.css";

/** What has to be at hand at any time, at the lower edge of the window: the last of what a page has. */
export function BottomBar({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Group className={classes.bar} gap="sm" role="group" aria-label={label}>
      {children}
    </Group>
  );
}
