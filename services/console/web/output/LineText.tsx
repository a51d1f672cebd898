import type { CSSProperties, ReactNode } from "react";
import { inOrder } from "../ui/inOrder";
import { type Look, segmentsOf } from "./ansi";
import type { Line } from "./lines";
import { marksIn } from "./marksIn";
import classes from "./OutputView.module.css";
import { colorOf, legibleOn } from "./palette";

/** More of one line is not painted; it stands in the download. */
const LONGEST = 20_000;

interface LineTextProps {
  line: Line;
  find: string;
  isCurrent: boolean;
}

/** A line with its colours, and with what is looked for marked. */
export function LineText({ line, find, isCurrent }: LineTextProps) {
  const text = line.text.length > LONGEST ? line.text.slice(0, LONGEST) : line.text;
  const marks = find === "" ? [] : marksIn(line.plain, find);
  let from = 0;
  const pieces: ReactNode[] = segmentsOf(text).map(({ text: piece, look }) => {
    const place = from;
    from += piece.length;
    return (
      <span key={place} style={styleOf(look)}>
        {marks.length === 0 ? inOrder(piece) : marked(piece, place, marks, isCurrent)}
      </span>
    );
  });
  return (
    <>
      {pieces}
      {line.text.length > LONGEST ? ` … ${line.text.length - LONGEST} more characters are in the download` : null}
    </>
  );
}

/** A piece of a line, of which the first letter has this place, with its parts of the marks marked. */
function marked(piece: string, place: number, marks: [number, number][], isCurrent: boolean): ReactNode[] {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const [begin, end] of marks) {
    const first = Math.max(begin - place, from);
    const last = Math.min(end - place, piece.length);
    if (first < last) {
      parts.push(inOrder(piece.slice(from, first)));
      parts.push(
        <mark key={begin} className={isCurrent ? classes.current : classes.mark}>
          {inOrder(piece.slice(first, last))}
        </mark>,
      );
      from = last;
    }
  }
  parts.push(inOrder(piece.slice(from)));
  return parts;
}

function styleOf({ color, background, isBold, isDim, isItalic, isUnderlined, isReversed }: Look): CSSProperties {
  const [front, back] = isReversed ? [background ?? "#0b0f16", color ?? "#d6dae2"] : [color, background];
  const backColor = back === undefined ? undefined : colorOf(back);
  const frontColor = front === undefined ? undefined : colorOf(front);
  return {
    color: legibleOn(frontColor, backColor),
    backgroundColor: backColor,
    fontWeight: isBold ? 700 : undefined,
    opacity: isDim ? 0.85 : undefined,
    fontStyle: isItalic ? "italic" : undefined,
    textDecoration: isUnderlined ? "underline" : undefined,
  };
}
