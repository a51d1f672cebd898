import { expect, test } from "vitest";
import { inAnotherWay, labelsOf, rowsOf, wantedOf } from "./labels";

const LABELS = {
  env: "prod",
  role: { in: ["web", "api"] },
  "k8s.io/instance": { regex: "web-[0-9]+" },
  gone: "",
};

test("labels are shown in rows and written as they were", () => {
  const rows = rowsOf(LABELS);
  expect(rows.map(({ way }) => way)).toEqual(["equals", "in", "regex", "equals"]);
  expect(labelsOf(rows)).toEqual(LABELS);
});

test("a label without a name is none yet, and without any there are no labels", () => {
  expect(labelsOf([{ id: 0, name: "", way: "equals", texts: ["x"] }])).toBeUndefined();
  expect(rowsOf(undefined)).toEqual([]);
});

test("what no field shows stays as it was written", () => {
  const odd = { in: ["a"], regex: "b" };
  expect(labelsOf(rowsOf({ odd }))).toEqual({ odd });
  expect(wantedOf({ in: "a" }).kept).toEqual({ in: "a" });
});

test("what was typed stays when it is compared in another way", () => {
  const several = inAnotherWay({ way: "equals", texts: ["web"] }, "in");
  expect(several).toEqual({ way: "in", texts: ["web"] });
  expect(inAnotherWay(several, "regex")).toEqual({ way: "regex", texts: ["web"] });
  expect(inAnotherWay({ way: "equals", texts: [""] }, "in")).toEqual({ way: "in", texts: [] });
});
