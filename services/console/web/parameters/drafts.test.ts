import { describe, expect, test } from "vitest";
import { aParameter } from "../testing/builders";
import { bind, initialDraft, missingOf, withoutSecrets } from "./drafts";

describe("a field shows at first", () => {
  test.each([
    [aParameter({ default: "nginx" }), "nginx"],
    [aParameter({ type: "integer", default: 5 }), "5"],
    [aParameter({ type: "number", default: 0 }), "0"],
    [aParameter({ type: "boolean", default: false }), "false"],
    [aParameter({ default: null }), ""],
    [aParameter({}), ""],
    [aParameter({ type: "integer", default: 2 ** 60 }), ""],
  ])("the default where there is one that can be shown", (parameter, draft) => {
    expect(initialDraft(parameter)).toBe(draft);
  });
});

test("a browser keeps the name of a secret, and never its value", () => {
  const drafts = { a: "shown", b: { by: "name", text: "key" }, c: { by: "value", text: "hunter2" } } as const;
  expect(withoutSecrets(drafts)).toEqual({ ...drafts, c: { by: "value", text: "" } });
});

describe("the values of a request", () => {
  const named = (name: string) => (changed: Parameters<typeof aParameter>[0]) => aParameter({ name, ...changed });
  const x = named("x");

  test.each([
    ["a text as it was typed", x({}), " a b ", { x: " a b " }],
    ["an empty text not at all", x({}), "", {}],
    ["an emptied text as empty, where it had a default", x({ default: "nginx" }), "", { x: "" }],
    ["an emptied text that is required not at all", x({ default: "nginx", required: true }), "", {}],
    ["an integer with all its digits", x({ type: "integer" }), " 9007199254740993 ", { x: "9007199254740993" }],
    ["an emptied number as its default", x({ type: "number", default: 5 }), " ", {}],
    ["a truth value", x({ type: "boolean" }), "false", { x: false }],
    ["no truth value before one is chosen", x({ type: "boolean" }), "", {}],
    ["a choice, spaces and all", x({ type: "choice", options: [" a"] }), " a", { x: " a" }],
    ["a provider without the spaces around it", x({ type: "provider" }), " web-1 ", { x: "web-1" }],
    ["a secret by its name", x({ type: "secret" }), { by: "name", text: "key" } as const, { x: { secret: "key" } }],
    ["a secret by its value", x({ type: "secret" }), { by: "value", text: " k " } as const, { x: " k " }],
    ["no secret where none is given", x({ type: "secret" }), { by: "value", text: "" } as const, {}],
  ])("hold %s", (_, parameter, draft, values) => {
    expect(bind([parameter], { x: draft })).toEqual(values);
  });

  test("hold the defaults of what nobody has touched", () => {
    expect(bind([x({ type: "integer", default: 5 })], {})).toEqual({ x: "5" });
  });
});

test("missing is what the server would not do without", () => {
  const parameters = [
    aParameter({ name: "host", type: "provider" }),
    aParameter({ name: "env", type: "choice", options: ["a"], required: true }),
    aParameter({ name: "really", type: "boolean" }),
    aParameter({ name: "text" }),
    aParameter({ name: "token", type: "secret" }),
    aParameter({ name: "key", type: "secret", required: true }),
    aParameter({ name: "count", type: "integer", default: 3, required: true }),
    aParameter({ name: "great", type: "integer", default: 2 ** 60 }),
    aParameter({ name: "given", required: true }),
  ];
  const drafts = { given: "here", count: "" };
  expect(missingOf(parameters, drafts).map(({ name }) => name)).toEqual(["host", "env", "really", "key"]);
});
