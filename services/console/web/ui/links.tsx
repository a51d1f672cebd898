import { Anchor, Button, type ButtonProps, Menu, type MenuItemProps, NavLink } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentPropsWithRef } from "react";

/** Mantine's parts as links of the router: their addresses and searches are checked as code. */
export const TextLink = createLink(Anchor<"a">);
export const ButtonLink = createLink(AnchorButton);
export const NavigationLink = createLink(NavLink<"a">);
export const MenuLink = createLink(AnchorItem);

type AnchorAs<Props> = Props & Omit<ComponentPropsWithRef<"a">, keyof Props>;

/** A button that is a link has to be one: it opens in another tab, and is read out as what leads somewhere. */
function AnchorButton(props: AnchorAs<ButtonProps>) {
  return <Button component="a" {...props} />;
}

function AnchorItem(props: AnchorAs<MenuItemProps>) {
  return <Menu.Item component="a" {...props} />;
}
