import { Stack, Text } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { DownloadButton } from "./DownloadButton";
import { firstError } from "./firstError";
import { LineRow } from "./LineRow";
import { OutputToolbar } from "./OutputToolbar";
import classes from "./OutputView.module.css";
import type { Selection } from "./shown";
import type { OutputStore } from "./store";
import { useFollow } from "./useFollow";
import { useLineKeys } from "./useLineKeys";
import { useShown } from "./useShown";
import { useViewSettings } from "./viewSettings";

interface OutputViewProps {
  runId: string;
  store: OutputStore;
  selection: Selection;
  find: string;
  onFind: (text: string) => void;
  /** The line that the address names, from 1; null where it names none. */
  line: number | null;
  /** Where the address of a line leads. */
  onLine: (line: number) => void;
  /** More may come. */
  isLive: boolean;
  /** All of it is there. */
  isWhole: boolean;
  /** It ended badly: the view opens where that begins. */
  hasFailed: boolean;
  /** Shown where there are no lines. */
  empty: ReactNode;
}

/** In pixels: as high as WCAG 2.2 asks of what is to be hit, the link of a line. */
const ROW = 24;

/** A log: any number of lines in a window on them, followed, searched, and each with an address. */
export function OutputView(props: OutputViewProps) {
  const { store, selection, find, onFind, line, onLine, isLive, isWhole, hasFailed, runId, empty } = props;
  const box = useRef<HTMLDivElement>(null);
  const settings = useViewSettings();
  const { shown, found } = useShown(store, selection, find);
  const count = shown.places.length;
  const [at, setAt] = useState(0);
  const [follows, setFollows] = useFollow(box, isLive && line === null);
  const rows = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
    useFlushSync: false,
  });
  const goTo = (row: number) => {
    setFollows(false);
    rows.scrollToIndex(row, { align: "center" });
  };
  useOpening(line, hasFailed && !isLive, count, () => (line === null ? firstError(store, shown) : line - 1), goTo);

  // biome-ignore lint/correctness/useExhaustiveDependencies: more lines are what moves the end
  useEffect(() => {
    if (follows && count > 0) {
      rows.scrollToIndex(count - 1, { align: "end" });
    }
  }, [follows, count, store.read()]);

  const stepTo = (next: number) => {
    const number = found.rows.length;
    if (number > 0) {
      const wrapped = (next + number) % number;
      setAt(wrapped);
      goTo(found.rows[wrapped] ?? 0);
    }
  };
  const drawn = rows.getVirtualItems();
  const isDrawn = (row: number) => drawn.some(({ index }) => index === row);
  const keys = useLineKeys(
    box,
    line !== null && isDrawn(line - 1) ? line - 1 : (rows.range?.startIndex ?? 0),
    isDrawn,
    useCallback(() => setFollows(false), [setFollows]),
  );
  const follow = () => {
    keys.leaveLines();
    setFollows(true);
  };
  useHotkeys([
    ["f", follow],
    ["t", () => settings.setShowsTimes(!settings.showsTimes)],
    ["w", () => settings.setWraps(!settings.wraps)],
  ]);
  const current = found.rows[Math.min(at, found.rows.length - 1)];
  return (
    <Stack gap="xs" className={classes.view}>
      <OutputToolbar
        find={find}
        onFind={(text) => {
          setAt(0);
          onFind(text);
        }}
        found={found.rows.length}
        at={at}
        onNext={() => stepTo(at + 1)}
        onPrevious={() => stepTo(at - 1)}
        lines={count}
        onFirstError={() => {
          const row = firstError(store, shown);
          if (row !== null) {
            goTo(row);
            onLine(row + 1);
          }
        }}
        isLive={isLive}
        follows={follows}
        onFollow={follow}
        settings={settings}
        download={
          <>
            <DownloadButton form="text" runId={runId} selection={selection} />
            <DownloadButton form="lines" runId={runId} selection={selection} />
          </>
        }
      />
      {isWhole && line !== null && count > 0 && line > count ? (
        <Text size="sm" role="status">
          There is no line {line}: what is shown ends with line {count}.
        </Text>
      ) : null}
      <div
        ref={box}
        className={classes.box}
        data-wraps={settings.wraps}
        tabIndex={0}
        onKeyDown={keys.onKeyDown}
        role="log"
        aria-live="off"
        aria-label="Output"
      >
        {count === 0 ? <div className={classes.empty}>{empty}</div> : null}
        <div className={classes.all} style={{ height: rows.getTotalSize() }}>
          {drawn.map(({ index, start }) => {
            const shownLine = store.all[shown.places[index] ?? -1];
            return shownLine === undefined ? null : (
              <LineRow
                key={index}
                line={shownLine}
                number={index + 1}
                start={start}
                measure={settings.wraps ? rows.measureElement : undefined}
                showsTime={settings.showsTimes}
                showsProvider={shown.isMixed}
                find={find}
                isTarget={line === index + 1}
                isCurrent={find !== "" && current === index}
                isStop={keys.stop === index}
                onReach={keys.onReach}
                onLine={onLine}
              />
            );
          })}
        </div>
      </div>
    </Stack>
  );
}

/** Open at the line that the address names, or where a failure begins, once that line is there. */
function useOpening(
  line: number | null,
  hasFailed: boolean,
  count: number,
  rowOf: () => number | null,
  goTo: (row: number) => void,
) {
  const opened = useRef<number | "failure" | null>(null);
  useEffect(() => {
    const wanted = line ?? (hasFailed ? "failure" : null);
    if (wanted === null || opened.current === wanted || count === 0) {
      return;
    }
    // Without a line in the address, a failure is opened once: whoever reads on is not taken back to it.
    if (wanted === "failure" && opened.current !== null) {
      return;
    }
    const row = rowOf();
    if (row !== null && row < count) {
      opened.current = wanted;
      goTo(row);
    }
  });
}
