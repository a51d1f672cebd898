import { describe, expect, test } from "vitest";
import { anActionStep } from "../../testing/builders";
import { settingsOf, whereText } from "./stepTexts";

describe("where a step runs", () => {
  test.each([
    [{ provider: "{{ host }}" }, "{{ host }}"],
    [{ provider: null, providers: ["web-1", "web-2"] }, "web-1, web-2"],
    [{ provider: null, providers: { group: "web", labels: null } }, "all of the group web"],
    [
      { provider: null, providers: { group: null, labels: { env: "prod", role: ["web", "api"] } } },
      "all with env=prod, role=web or api",
    ],
  ])("%o", (changed, text) => {
    expect(whereText(anActionStep(changed))).toBe(text);
  });
});

describe("what of a step is not as usual", () => {
  const retries = { count: 0, delay: 1, backoff: "fixed", maximum_delay: 3600 } as const;

  test("is nothing at first", () => {
    expect(settingsOf(anActionStep({}))).toEqual([]);
  });

  test.each([
    [{ when: "previous_failure" }, "only after a failure"],
    [{ when: "always" }, "in any case"],
    [{ when: 'params.env == "prod"' }, 'if params.env == "prod"'],
    [{ on_failure: "continue" as const }, "a failure does not end the run"],
    [{ success_exit_codes: [0, 2] }, "succeeds with exit code 0, 2"],
    [{ retries: { ...retries, count: 1 } }, "tried once more where it fails, after 1.0s"],
    [
      { retries: { ...retries, count: 3, delay: 30, backoff: "exponential" as const } },
      "tried 3 more times where it fails, after 30s, then twice as long each time",
    ],
    [{ timeout: 30 }, "at most 30s"],
    [{ on_lost: "fail" as const }, "counts as failed where nobody knows how it ended"],
    [{ run_as: { user: "postgres" } }, "as the user postgres"],
    [{ capture: "last_line" as const }, "captures its last line"],
    [
      { rollout: { batches: [1, "50%"], max_parallel: 5, max_failures: "5%", check: "verify" } },
      "in batches of 1, 50%, 5 at the same time, 5% may fail, 'verify' after each batch",
    ],
  ])("%o", (changed, text) => {
    expect(settingsOf(anActionStep(changed))).toEqual([text]);
  });
});
