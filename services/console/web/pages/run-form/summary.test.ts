import { expect, test } from "vitest";
import type { PlannedStep } from "../../nouns/action/plans";
import { placesText } from "./summary";

const step = (providers: string[], count = providers.length): PlannedStep => ({
  name: "x",
  when: true,
  reason: "",
  providers: count,
  rollout: null,
  run_as: null,
  setup: null,
  approval: null,
  invocations: providers.map((provider) => ({ provider, command: "x", reachable: null, reachable_text: null })),
});

test.each([
  [[step(["a"])], "1 step on a."],
  [[step(["a"]), step(["b", "a"])], "2 steps on a and b."],
  [[step(["a", "b", "c", "d"], 900)], "1 step on up to 900 providers, a, b, c among them."],
  [[step([])], "1 step, on no provider."],
])("a plan comes to a line", (steps, text) => {
  expect(placesText({ steps })).toBe(text);
});
