import { type KeyboardEvent, type RefObject, useCallback, useState } from "react";

const STEPS: Partial<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1 };
const SCROLLS = ["PageUp", "PageDown", "Home", "End"];

interface LineKeys {
  /** Of the rows that are drawn, the one that Tab comes to. */
  stop: number;
  onReach: (row: number) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  /** Before the lines move on under the keyboard. */
  leaveLines: () => void;
}

/**
 * The links of the lines by keyboard: one stop for Tab, so that it leads past any number of lines, and arrows from one
 * to the next. `isDrawn` says whether a row is there to be come to; `first` is the stop until they have been used.
 */
export function useLineKeys(
  box: RefObject<HTMLElement | null>,
  first: number,
  isDrawn: (row: number) => boolean,
  onRead: () => void,
): LineKeys {
  const [reached, setReached] = useState<number | null>(null);
  const onReach = useCallback(
    (row: number) => {
      setReached(row);
      onRead();
    },
    [onRead],
  );
  const leaveLines = () => {
    if (box.current?.contains(document.activeElement)) {
      box.current.focus({ preventScroll: true });
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const isOnLine = event.target !== box.current;
    const step = STEPS[event.key];
    if (isOnLine && step !== undefined && reached !== null) {
      event.preventDefault();
      box.current?.querySelector<HTMLElement>(`[data-index="${reached + step}"] a`)?.focus();
    } else if (isOnLine && SCROLLS.includes(event.key)) {
      // The line may be drawn no longer after it, and with it the keyboard would leave the log.
      leaveLines();
    }
  };
  return { stop: reached !== null && isDrawn(reached) ? reached : first, onReach, onKeyDown, leaveLines };
}
