import { expect, test } from "vitest";
import type { OutputItem } from "./lines";
import { Found, Shown } from "./shown";
import { OutputStore } from "./store";

let seq = 0;

function item(text: string, changed: Partial<OutputItem> = {}): OutputItem {
  seq += 1;
  const attempt = `RUN.${changed.step ?? "s"}.${changed.provider ?? "p"}.01`;
  const at = "2026-05-01T12:00:00Z";
  return { id: `${attempt}.${seq}`, seq, step: "s", attempt: 1, provider: "p", stream: "stdout", at, text, ...changed };
}

test("a piece that comes again is left out", () => {
  const store = new OutputStore();
  const first = item("a\n");
  const second = item("b\n");
  store.append([first, second]);
  store.append([first, second, item("c\n")]);
  expect(store.all.map(({ plain }) => plain)).toEqual(["a", "b", "c"]);
});

test("a selection goes on with what comes later", () => {
  const store = new OutputStore();
  const shown = new Shown(store, { step: "t" });
  store.append([item("a\n"), item("b\n", { step: "t" })]);
  shown.readOn();
  store.append([item("c\n"), item("d\n", { step: "t" })]);
  shown.readOn();
  expect(shown.places.map((place) => store.all[place]?.plain)).toEqual(["b", "d"]);
});

test("what is looked for is found in any case, and in a line once it has it", () => {
  const store = new OutputStore();
  const shown = new Shown(store, {});
  const found = new Found(store, shown, "Refused");
  store.append([item("REFUSED\nno\nref")]);
  shown.readOn();
  found.readOn();
  expect(found.rows).toEqual([0]);
  store.append([item("used\nand refused\n")]);
  shown.readOn();
  found.readOn();
  expect(found.rows).toEqual([0, 2, 3]);
  found.readOn();
  expect(found.rows).toEqual([0, 2, 3]);
});

test("an open line that no longer has it is no longer found", () => {
  const store = new OutputStore();
  const shown = new Shown(store, {});
  const found = new Found(store, shown, "50");
  store.append([item("50 %\r")]);
  shown.readOn();
  found.readOn();
  expect(found.rows).toEqual([0]);
  store.append([item("60 %\r")]);
  shown.readOn();
  found.readOn();
  expect(found.rows).toEqual([]);
});
