import { Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import classes from "./Page.module.css";

/** The heading, by its id: where whoever comes to another page arrives. */
export const HEADING = "heading";

interface PageProps {
  title: string;
  /** What the tab says, where that is more than the title. */
  tabTitle?: string;
  beside?: ReactNode;
  about?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** What every page has: a heading that the tab says, too, what may be done on it, and its content. */
export function Page({ title, tabTitle = title, beside, about, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${tabTitle} · OpsiMate Actions`;
  }, [tabTitle]);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start" gap="sm">
        <Stack gap={2} miw={0}>
          <Group gap="sm">
            <Title
              id={HEADING}
              tabIndex={-1}
              order={1}
              size="h2"
              className={classes.title}
              style={{ overflowWrap: "anywhere" }}
            >
              {title}
            </Title>
            {beside}
          </Group>
          {about === undefined ? null : (
            <Text component="div" c="dimmed" size="sm" style={{ overflowWrap: "anywhere" }}>
              {about}
            </Text>
          )}
        </Stack>
        {actions === undefined ? null : <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
