import { expect, test } from "vitest";
import { aParameter } from "../testing/builders";
import { againWith } from "./again";
import { bind } from "./drafts";

const PARAMETERS = [
  aParameter({ name: "text", default: "nginx" }),
  aParameter({ name: "count", type: "integer" }),
  aParameter({ name: "loud", type: "boolean", default: true }),
  aParameter({ name: "stored", type: "secret" }),
  aParameter({ name: "typed", type: "secret" }),
  aParameter({ name: "added", default: "new" }),
];

test("a run is given again what it was given, but for secrets that nothing shows", () => {
  const values = { text: "", count: 7, loud: false, stored: { secret: "key" }, typed: "••••••", old: "x" };
  const again = againWith(PARAMETERS, values);
  expect(bind(PARAMETERS, again.drafts)).toEqual({
    text: "",
    count: "7",
    loud: false,
    stored: { secret: "key" },
    added: "new",
  });
  expect(again.lost.map(({ name }) => name)).toEqual(["typed"]);
  expect(again.gone).toEqual(["old"]);
});

test("a number that was cut as it was read is asked for anew", () => {
  const again = againWith([aParameter({ name: "count", type: "integer" })], { count: 2 ** 60 });
  expect([again.drafts, again.lost.length]).toEqual([{}, 1]);
});

test("a secret that was given as what is a text now is asked for anew", () => {
  expect(againWith([aParameter({ name: "a" })], { a: { secret: "key" } }).lost).toHaveLength(1);
});
