import { expect, test } from "vitest";
import { anAttempt, aRun, aStep } from "../../testing/builders";
import { noSuchOf } from "./noSuch";

const run = aRun({
  steps: [
    aStep({ name: "one", ended_at: "2026-05-01T12:00:05Z", attempts: [anAttempt()] }),
    aStep({ name: "two" }),
    aStep({ name: "all", provider: null, invocations: { succeeded: 2 } }),
  ],
});

test.each([
  [{}, null],
  [{ step: "one" }, null],
  [{ step: "one", attempt: 1 }, null],
  [{ step: "one", provider: "web-1" }, null],
  [{ step: "all", provider: "web-9" }, null],
  [{ step: "onne" }, { text: "This run has no step 'onne'.", step: null }],
  [
    { step: "one", attempt: 2 },
    { text: "The step 'one' has no attempt 2.", step: "one" },
  ],
  [
    { step: "two", attempt: 1 },
    { text: "The step 'two' has so far no attempt 1.", step: "two" },
  ],
  [
    { step: "one", provider: "web-2" },
    { text: "The step 'one' is not run on 'web-2'.", step: "one" },
  ],
  [{ attempt: 2 }, { text: "The address names an attempt, and not of which step.", step: null }],
  [{ provider: "web-1" }, { text: "The address names a machine, and not of which step.", step: null }],
])("what %o asks for", (selection, expected) => {
  expect(noSuchOf(run, selection)).toEqual(expected);
});
