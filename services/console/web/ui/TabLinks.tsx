import { createLink } from "@tanstack/react-router";
import { type ComponentPropsWithRef, type ReactNode, useEffect, useRef } from "react";
import classes from "./TabLinks.module.css";

/** Links to what a page can be in other words. */
export function TabLinks({ label, children }: { label: string; children: ReactNode }) {
  const list = useRef<HTMLElement>(null);
  const shown = useRef<Element | null>(null);
  useEffect(() => {
    const now = list.current?.querySelector("[aria-current]") ?? null;
    if (list.current !== null && now !== null && now !== shown.current) {
      // On a phone it may lie beyond the edge; the page itself stays where it is.
      const beyond = now.getBoundingClientRect().right - list.current.getBoundingClientRect().right;
      list.current.scrollLeft += Math.max(0, beyond);
    }
    shown.current = now;
  });
  return (
    <nav ref={list} aria-label={label} className={classes.list}>
      {children}
    </nav>
  );
}

/** One of them; which is shown the page says, as it knows more than the router does of its address. */
function TabAnchor({ isShown, ...props }: ComponentPropsWithRef<"a"> & { isShown: boolean }) {
  return <a {...props} aria-current={isShown ? "page" : undefined} />;
}

export const TabLink = createLink(TabAnchor);
