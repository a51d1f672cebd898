import { expect, test } from "vitest";
import { colorOf, contrast, legibleOn } from "./palette";

const EVERY = Array.from({ length: 256 }, (_, color) => color);

test("every colour of a terminal can be read on the log's ground, and on every ground", () => {
  for (const color of EVERY) {
    const shown = legibleOn(colorOf(color), undefined) ?? "#d6dae2";
    expect(contrast(shown, "#0b0f16"), `colour ${color}`).toBeGreaterThanOrEqual(4.5);
  }
  for (const background of EVERY) {
    const ground = colorOf(background);
    for (const color of [undefined, ...EVERY.slice(0, 16)]) {
      const shown = legibleOn(color === undefined ? undefined : colorOf(color), ground) ?? "#d6dae2";
      expect(contrast(shown, ground), `${color} on ${background}`).toBeGreaterThanOrEqual(4.5);
    }
  }
});

test("the colours past sixteen are xterm's", () => {
  expect([16, 208, 231, 232, 255].map(colorOf)).toEqual(["#000000", "#ff8700", "#ffffff", "#080808", "#eeeeee"]);
});
