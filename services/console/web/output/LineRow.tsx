import { type MouseEvent, memo } from "react";
import { EndText } from "../ui/EndText";
import { LineText } from "./LineText";
import type { Line } from "./lines";
import classes from "./OutputView.module.css";

interface LineRowProps {
  line: Line;
  number: number;
  /** Where it begins in the whole, in pixels. */
  start: number;
  measure: ((element: Element | null) => void) | undefined;
  showsTime: boolean;
  showsProvider: boolean;
  find: string;
  isTarget: boolean;
  isCurrent: boolean;
  /** The keyboard comes to it by Tab; to the others by arrows. */
  isStop: boolean;
  onReach: (row: number) => void;
  onLine: (line: number) => void;
}

export const LineRow = memo(function LineRow(props: LineRowProps) {
  const { line, number, start, measure, showsTime, showsProvider, find, isTarget, isCurrent, isStop, onReach, onLine } =
    props;
  const follow = (event: MouseEvent) => {
    if (!(event.ctrlKey || event.metaKey || event.shiftKey)) {
      event.preventDefault();
      onLine(number);
    }
  };
  return (
    <div
      ref={measure}
      data-index={number - 1}
      className={classes.line}
      data-stream={line.source.stream}
      data-target={isTarget || undefined}
      style={{ transform: `translateY(${start}px)` }}
    >
      <a
        className={classes.number}
        href={`#L${number}`}
        tabIndex={isStop ? 0 : -1}
        onFocus={() => onReach(number - 1)}
        onClick={follow}
        aria-label={`Line ${number}`}
      >
        {number}
      </a>
      {showsTime ? <time className={classes.time}>{clockOf(line.at)}</time> : null}
      {showsProvider ? <EndText className={classes.provider} text={line.source.provider} /> : null}
      <span className={classes.text}>
        <LineText line={line} find={find} isCurrent={isCurrent} />
      </span>
    </div>
  );
});

function clockOf(at: string): string {
  const instant = new Date(at);
  const clock = instant.toLocaleTimeString(undefined, { hour12: false });
  return `${clock}.${String(instant.getMilliseconds()).padStart(3, "0")}`;
}
