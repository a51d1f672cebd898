import { describe, expect, test } from "vitest";
import { plainText, segmentsOf } from "./ansi";

const ESC = "\u001b";

describe("a line of a terminal", () => {
  test("without colours is one piece", () => {
    expect(segmentsOf("plain <b>text</b>")).toEqual([{ text: "plain <b>text</b>", look: {} }]);
  });

  test("changes its look where it says so", () => {
    expect(segmentsOf(`a${ESC}[1;31mb${ESC}[22mc${ESC}[0md`)).toEqual([
      { text: "a", look: {} },
      { text: "b", look: { isBold: true, color: 1 } },
      { text: "c", look: { isBold: false, isDim: false, color: 1 } },
      { text: "d", look: {} },
    ]);
  });

  test.each([
    [`${ESC}[38;5;208mx`, { color: 208 }],
    [`${ESC}[48;2;1;2;255mx`, { background: "#0102ff" }],
    [`${ESC}[38:5:9mx`, { color: 9 }],
    [`${ESC}[97;101mx`, { color: 15, background: 9 }],
    [`${ESC}[38mx`, { color: undefined }],
    [`${ESC}[7mx`, { isReversed: true }],
    [`${ESC}[mx`, {}],
  ])("%j has its look", (text, look) => {
    expect(segmentsOf(text)).toEqual([{ text: "x", look }]);
  });

  test.each([
    `${ESC}]0;a title\u0007shown`,
    `${ESC}]8;;https://example.com${ESC}\\shown`,
    `${ESC}[2K${ESC}[1Gshown`,
    `${ESC}(Bshown`,
    `sh\u0000own\u0007`,
    `${ESC}P1$r${ESC}\\shown`,
  ])("%j shows nothing of what it tells the terminal", (text) => {
    expect(plainText(text)).toBe("shown");
    expect(
      segmentsOf(text)
        .map((segment) => segment.text)
        .join(""),
    ).toBe("shown");
  });

  test("that ends within a sequence keeps what stands before", () => {
    expect(plainText(`before${ESC}[3`)).toBe("before[3");
  });
});
