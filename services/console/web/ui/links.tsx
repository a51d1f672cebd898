import { Anchor, Button, Menu, NavLink } from "@mantine/core";
import { createLink } from "@tanstack/react-router";

/** Mantine's parts as links of the router: their addresses and searches are checked as code. */
export const TextLink = createLink(Anchor<"a">);
export const ButtonLink = createLink(Button<"a">);
export const NavigationLink = createLink(NavLink<"a">);
export const MenuLink = createLink(Menu.Item<"a">);
