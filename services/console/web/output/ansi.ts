/** How a piece of a line is to look. Colours are an index of the terminal's 256, or `#rrggbb`; none is the default. */
export interface Look {
  color?: number | string | undefined;
  background?: number | string | undefined;
  isBold?: boolean;
  isDim?: boolean;
  isItalic?: boolean;
  isUnderlined?: boolean;
  isReversed?: boolean;
}

export interface Segment {
  text: string;
  look: Look;
}

/** What a terminal does rather than shows, by ECMA-48: CSI, OSC, other strings, and the short ones. */
const SEQUENCE =
  /\u001b(?:\[([0-9;:?<=>]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-OQ-WYZ\\`-~])/g;
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** A line without what a terminal would do with it: colours, titles, the places of its cursor. */
export function plainText(text: string): string {
  if (!/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) {
    return text;
  }
  return text.replace(SEQUENCE, "").replace(CONTROLS, "");
}

/** A line in pieces of one look each; joined, their texts are the plain text. Colours are those of ECMA-48 and xterm. */
export function segmentsOf(text: string): Segment[] {
  const segments: Segment[] = [];
  let look: Look = {};
  let from = 0;
  const add = (piece: string) => {
    const visible = piece.replace(CONTROLS, "");
    if (visible !== "") {
      segments.push({ text: visible, look });
    }
  };
  for (const match of text.matchAll(SEQUENCE)) {
    add(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === "m") {
      look = changed(look, match[1] ?? "");
    }
  }
  add(text.slice(from));
  return segments;
}

const FLAGS: Record<number, Look> = {
  1: { isBold: true },
  2: { isDim: true },
  3: { isItalic: true },
  4: { isUnderlined: true },
  7: { isReversed: true },
  22: { isBold: false, isDim: false },
  23: { isItalic: false },
  24: { isUnderlined: false },
  27: { isReversed: false },
  39: { color: undefined },
  49: { background: undefined },
};

function changed(before: Look, parameters: string): Look {
  let look = before;
  const codes = parameters.split(/[;:]/).map((code) => Number(code || 0));
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 0) {
      look = {};
    } else if (code === 38 || code === 48) {
      const [color, used] = extended(codes.slice(at + 1));
      look = { ...look, [code === 38 ? "color" : "background"]: color };
      at += used;
    } else {
      look = { ...look, ...(FLAGS[code] ?? basic(code)) };
    }
  }
  return look;
}

function basic(code: number): Look {
  if (code >= 30 && code <= 37) {
    return { color: code - 30 };
  }
  if (code >= 40 && code <= 47) {
    return { background: code - 40 };
  }
  if (code >= 90 && code <= 97) {
    return { color: code - 82 };
  }
  return code >= 100 && code <= 107 ? { background: code - 92 } : {};
}

/** The colour of `38;5;n` or `38;2;r;g;b`, from what follows the 38, and how many codes it took. */
function extended(codes: number[]): [number | string | undefined, number] {
  if (codes[0] === 5) {
    return [Math.min(255, codes[1] ?? 0), 2];
  }
  if (codes[0] === 2) {
    const hex = codes.slice(1, 4).map((part) => Math.min(255, part).toString(16).padStart(2, "0"));
    return [hex.length === 3 ? `#${hex.join("")}` : undefined, 4];
  }
  return [undefined, codes.length];
}
