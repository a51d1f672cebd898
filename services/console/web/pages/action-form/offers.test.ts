import { expect, test } from "vitest";
import type { JsonObject } from "../../definition-form/json";
import { nearOffers, offersOf, providerParameters, unknownNames, withName } from "./offers";

const definition: JsonObject = {
  parameters: [{ name: "host", type: "provider" }, { name: "service", title: "Which" }, {}],
  steps: [{ name: "look", capture: "last_line" }, { name: "plain" }, { name: "now" }, { name: "later" }],
};

test("a command may name parameters and what earlier steps leave, and nothing of later ones", () => {
  expect(offersOf(definition, 2)).toEqual([
    { name: "host", about: "provider" },
    { name: "service", about: "string · Which" },
    { name: "steps.look.captured", about: "its last line" },
    { name: "steps.look.output", about: "all that it printed" },
    { name: "steps.plain.output", about: "all that it printed" },
  ]);
  expect(offersOf({}, 0)).toEqual([]);
});

test("names that no parameter has are found once, but not what is escaped or another program's", () => {
  const text = "a {{ host }} {{x}} {{ x }} \\{{ no }} \\\\{{ y }} {{.Names}} {{ steps.look.output }} {{ range z }}";
  expect(unknownNames(definition, text)).toEqual(["x", "y"]);
});

test("a step may run on what a parameter names", () => {
  expect(providerParameters(definition)).toEqual(["{{ host }}"]);
});

test("a name that is misspelt is near the one that was meant", () => {
  const offers = ["host", "service", "x", "steps.look.output"].map((name) => ({ name, about: "" }));
  expect(["hots", "sevrice", "hosts", "y", "what", "zz"].map((name) => nearOffers(name, offers))).toEqual([
    ["host"],
    ["service"],
    ["host"],
    [],
    [],
    [],
  ]);
  expect(withName("echo {{ hots }} {{hots}} hots {{ host }} \\{{ hots }}", "hots", "host")).toBe(
    "echo {{ host }} {{host}} hots {{ host }} \\{{ hots }}",
  );
});
