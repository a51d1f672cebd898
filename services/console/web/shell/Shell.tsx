import { AppShell, Box, Burger, Button, Group, Kbd, Stack, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useEffect, useRef } from "react";
import { TextLink } from "../ui/links";
import { useSearchKey } from "../ui/useSearchKey";
import { ColorSchemeButton } from "./ColorSchemeButton";
import { Navigation } from "./Navigation";
import { PersonMenu } from "./PersonMenu";
import classes from "./Shell.module.css";
import { usePalette } from "./usePalette";

/** What stands around every page: where to go, the palette, and who is signed in. */
export function Shell() {
  const [isOpen, { toggle, close }] = useDisclosure();
  const path = useRouterState({ select: (state) => state.location.pathname });
  useCloseAfterNavigation(path, close);
  const burger = useRef<HTMLButtonElement>(null);
  const fold = () => {
    close();
    burger.current?.focus();
  };
  useSearchKey();
  const { palette: Palette, open } = usePalette();
  return (
    <AppShell
      header={{ height: 54 }}
      navbar={{ width: 216, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding="md"
      classNames={{ root: classes.shell, header: classes.bar, navbar: `${classes.bar} ${classes.menu}` }}
    >
      <a href="#content" className={classes.skip}>
        To the content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" gap="sm" wrap="nowrap" justify="space-between">
          <Group gap="xs" wrap="nowrap">
            <Burger
              ref={burger}
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={isOpen ? "Close the menu" : "Open the menu"}
            />
            <TextLink to="/" className={classes.name} underline="never" c="inherit" aria-label="OpsiMate Actions">
              <img src="/icon.svg" alt="" width={28} height={28} />
              <Text span fw={700} visibleFrom="xs">
                OpsiMate Actions
              </Text>
            </TextLink>
          </Group>
          <UnstyledButton className={classes.search} onClick={open}>
            <Search size={16} aria-hidden />
            <Box hiddenFrom="sm">
              <VisuallyHidden>Run an action or jump anywhere</VisuallyHidden>
            </Box>
            <Text span size="sm" visibleFrom="sm">
              Run an action or jump anywhere
            </Text>
            <Kbd visibleFrom="sm">Ctrl K</Kbd>
          </UnstyledButton>
          <Group gap="xs" wrap="nowrap">
            <ColorSchemeButton />
            <PersonMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar data-open={isOpen || undefined} onKeyDown={({ key }) => isOpen && key === "Escape" && fold()}>
        <Stack p="xs" gap={0}>
          <Navigation />
          <Button hiddenFrom="sm" variant="default" mt="md" onClick={fold}>
            Close the menu
          </Button>
        </Stack>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
      {Palette === null ? null : <Palette />}
    </AppShell>
  );
}

function useCloseAfterNavigation(path: string, close: () => void) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is what closes it
  useEffect(close, [path]);
}
