import { type RefObject, useEffect, useRef, useState } from "react";

/** Closer to the end than this is the end, in pixels. */
const NEAR = 8;

/**
 * Whether the end of what is shown stays in view. It does until a person scrolls up, and does again once they come to
 * the end; what scrolls by itself changes nothing.
 */
export function useFollow(box: RefObject<HTMLElement | null>, isWanted: boolean): [boolean, (follow: boolean) => void] {
  const [follows, setFollows] = useState(isWanted);
  const top = useRef(0);
  useEffect(() => {
    const element = box.current;
    if (element === null) {
      return;
    }
    const look = () => {
      const isUp = element.scrollTop < top.current - 2;
      const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
      top.current = element.scrollTop;
      if (isAtEnd) {
        setFollows(true);
      } else if (isUp) {
        setFollows(false);
      }
    };
    element.addEventListener("scroll", look, { passive: true });
    return () => element.removeEventListener("scroll", look);
  }, [box]);
  return [follows, setFollows];
}
