import { createLink } from "@tanstack/react-router";
import type { ComponentPropsWithRef, ReactNode } from "react";
import classes from "./TabLinks.module.css";

/** Links to what a page can be in other words. */
export function TabLinks({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav aria-label={label} className={classes.list}>
      {children}
    </nav>
  );
}

/** One of them; which is shown the page says, as it knows more than the router does of its address. */
function TabAnchor({ isShown, ...props }: ComponentPropsWithRef<"a"> & { isShown: boolean }) {
  return <a {...props} aria-current={isShown ? "page" : undefined} />;
}

export const TabLink = createLink(TabAnchor);
