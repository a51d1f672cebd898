import { Group } from "@mantine/core";
import type { ComponentProps } from "react";
import classes from "./FilterRow.module.css";

/** Fields to filter by, beside each other. */
export function FilterRow(props: ComponentProps<typeof Group>) {
  return <Group gap="xs" align="flex-end" className={classes.row} {...props} />;
}
