/** The sixteen colours of a terminal, chosen to be read on the log's own dark ground. */
const SIXTEEN = [
  "#8b93a1",
  "#ff7b7b",
  "#5fd38d",
  "#f2c35c",
  "#7fa7ff",
  "#d79bff",
  "#5fd0dc",
  "#d6dae2",
  "#9aa2b0",
  "#ff9d9d",
  "#86e5ab",
  "#ffdb85",
  "#a5c2ff",
  "#e6bfff",
  "#8fe6ee",
  "#ffffff",
];
const STEPS = [0, 95, 135, 175, 215, 255];
const GROUND = "#0b0f16";
const TEXT = "#d6dae2";
/** WCAG 2.2 AA asks for so much between a text and its ground. */
const ENOUGH = 4.5;

/** A colour of the 256 as `#rrggbb`, by xterm's table past the first sixteen. */
export function colorOf(color: number | string): string {
  if (typeof color === "string") {
    return color;
  }
  if (color < 16) {
    return SIXTEEN[color] ?? TEXT;
  }
  if (color >= 232) {
    return hexOf(8 + (color - 232) * 10, 8 + (color - 232) * 10, 8 + (color - 232) * 10);
  }
  const cube = color - 16;
  return hexOf(STEPS[Math.floor(cube / 36)] ?? 0, STEPS[Math.floor(cube / 6) % 6] ?? 0, STEPS[cube % 6] ?? 0);
}

/** The colour of a text where it can be read on its ground; else black or white, or the log's own. */
export function legibleOn(color: string | undefined, background: string | undefined): string | undefined {
  const ground = background ?? GROUND;
  if (color !== undefined && contrast(color, ground) >= ENOUGH) {
    return color;
  }
  if (background === undefined) {
    return color === undefined ? undefined : TEXT;
  }
  return contrast("#000000", ground) > contrast("#ffffff", ground) ? "#000000" : "#ffffff";
}

/** Between two colours, from 1 to 21, as WCAG 2.2 reckons it. */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}

function hexOf(...parts: number[]): string {
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
