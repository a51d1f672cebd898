import { useWindowEvent } from "@mantine/hooks";
import { measureElement, useWindowVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

interface WindowRowsProps {
  /** What holds the rows; where it begins on the page is where they do. */
  list: RefObject<HTMLElement | null>;
  count: number;
  /** The height of a row before it is measured, in pixels. */
  estimate: number;
  /** Between two rows, in pixels. */
  gap?: number;
  /** Called while the last rows are near and more can be read. */
  onNearEnd: (() => void) | null;
}

interface WindowRows {
  rows: VirtualItem[];
  measure: (row: Element | null) => void;
  /** The room of the rows that are not there, in pixels. */
  before: number;
  after: number;
}

const NEAR = 3;
/** Rows beyond the window's edge, for the Tab key and for a step of the wheel: each costs every frame. */
const OVERSCAN = 1;

/** Of a long list only the rows that the window shows, so that it scrolls as a short one. */
export function useWindowRows({ list, count, estimate, gap = 0, onNearEnd }: WindowRowsProps): WindowRows {
  const [top, setTop] = useState(0);
  const findTop = useCallback(() => {
    if (list.current !== null) {
      setTop(Math.round(list.current.getBoundingClientRect().top + window.scrollY));
    }
  }, [list]);
  useWindowEvent("resize", findTop);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other rows come with another count, and something above them
  useLayoutEffect(findTop, [findTop, count]);
  // A row is taken to be as high as the first that was measured: every one that is not moves all that follow it.
  const first = useRef<number | null>(null);
  const virtualizer = useWindowVirtualizer({
    count,
    estimateSize: () => first.current ?? estimate,
    measureElement: (row, entry, instance) => {
      const size = measureElement(row, entry, instance);
      first.current ??= size;
      return size;
    },
    overscan: OVERSCAN,
    gap,
    scrollMargin: top,
  });
  const rows = virtualizer.getVirtualItems();
  const last = rows.at(-1);
  const isNearEnd = count === 0 || (last !== undefined && last.index >= count - NEAR);
  useEffect(() => {
    if (isNearEnd) {
      onNearEnd?.();
    }
  }, [isNearEnd, onNearEnd]);
  return {
    rows,
    measure: virtualizer.measureElement,
    before: (rows[0]?.start ?? top) - top,
    after: last === undefined ? 0 : virtualizer.getTotalSize() + top - last.end,
  };
}
