import { expect, test } from "vitest";
import { Lines, type OutputItem } from "./lines";

function item(text: string, changed: Partial<OutputItem> = {}): OutputItem {
  const at = "2026-05-01T12:00:00Z";
  return { id: "x", seq: 1, step: "s", attempt: 1, provider: "p", stream: "stdout", at, text, ...changed };
}

function textsOf(...items: OutputItem[]): string[] {
  const lines = new Lines();
  items.forEach((piece) => {
    lines.append(piece);
  });
  return lines.all.map(({ plain }) => plain);
}

test("pieces are joined to lines", () => {
  expect(textsOf(item("a\nb"), item("c\n"), item("d"))).toEqual(["a", "bc", "d"]);
});

test("empty lines are lines", () => {
  expect(textsOf(item("\n\na\n"), item("\n"))).toEqual(["", "", "a", ""]);
});

test("two sources do not run into each other", () => {
  expect(textsOf(item("one "), item("error\n", { stream: "stderr" }), item("line\n"))).toEqual(["one line", "error"]);
});

test("a line that is printed over shows what came last", () => {
  expect(textsOf(item("10 %\r"), item("50 %\r"), item("100 %\r\ndone\r\n"))).toEqual(["100 %", "done"]);
});

test("what is whole is known while another line is open", () => {
  const lines = new Lines();
  lines.append(item("a\nb"));
  lines.append(item("x\ny\n", { stream: "stderr" }));
  expect(lines.whole).toBe(1);
  lines.append(item("c\n"));
  expect(lines.whole).toBe(4);
});

test("a line has the time of its first piece", () => {
  const lines = new Lines();
  lines.append(item("a", { at: "2026-05-01T12:00:00Z" }));
  lines.append(item("b\nc\n", { at: "2026-05-01T12:00:09Z" }));
  expect(lines.all.map(({ at }) => at)).toEqual(["2026-05-01T12:00:00Z", "2026-05-01T12:00:09Z"]);
});
