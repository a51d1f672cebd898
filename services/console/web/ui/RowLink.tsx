import { type LinkComponent, useRouter } from "@tanstack/react-router";
import type { ComponentPropsWithRef, MouseEvent } from "react";

/** What of a link is the router's, and not its element's. */
type Target = Parameters<ReturnType<typeof useRouter>["buildLocation"]>[0];

/**
 * A link in a row of a long list. It leads where the router's own does, by its checked address, and loads the page that
 * is pointed at; but it watches nothing, so that a dozen of rows can come with each frame. Its address must not depend
 * on where one is.
 */
export const RowLink = PlainLink as LinkComponent<"a">;

function PlainLink({ to, params, search, ...element }: Target & ComponentPropsWithRef<"a">) {
  const router = useRouter();
  const target = { to, params, search };
  const prepare = () => {
    router.preloadRoute(target).catch(() => undefined); // it is read again, and what is wrong said, on the way there
  };
  const go = (event: MouseEvent) => {
    if (isPlain(event)) {
      event.preventDefault();
      void router.navigate(target);
    }
  };
  return (
    <a
      {...element}
      href={router.buildLocation(target).publicHref}
      onClick={go}
      onMouseEnter={prepare}
      onFocus={prepare}
      onTouchStart={prepare}
    />
  );
}

/** Whether a click asks for the page here, and not in another tab or window. */
function isPlain(event: MouseEvent): boolean {
  return event.button === 0 && !(event.metaKey || event.altKey || event.ctrlKey || event.shiftKey);
}
