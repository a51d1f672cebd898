import { expect, test } from "vitest";
import type { Json } from "../../definition-form/json";
import { aParameter } from "../../testing/builders";
import { parametersIn } from "./parametersIn";

test("the parameters that have a name are those of which a schedule may give values, whatever else is not said yet", () => {
  const parameters: Json[] = [
    {},
    { name: "count", type: "integer", default: 10 },
    { name: "path", required: true, type: "nonsense", default: { secret: "x" } },
    "odd",
  ];
  expect(parametersIn({ parameters })).toEqual([
    aParameter({ name: "count", type: "integer", default: 10, options: [] }),
    aParameter({ name: "path", required: true, options: [] }),
  ]);
  expect(parametersIn({ parameters: { a: 1 } })).toEqual([]);
});
