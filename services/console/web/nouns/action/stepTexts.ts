import type { Schemas } from "../../api/client";
import { durationText } from "../../ui/time";

export type Step = Schemas["Step"];

const WHEN: Readonly<Record<string, string>> = {
  previous_failure: "only after a failure",
  always: "in any case",
};
const DEFAULT_TIMEOUT = 600;

/** Where a step runs: a provider, several, a group, or whatever has some labels. */
export function whereText({ provider, providers }: Step): string {
  if (providers === null || providers === undefined) {
    return provider ?? "wherever the step that it checks runs";
  }
  if (Array.isArray(providers)) {
    return providers.join(", ");
  }
  const { group, labels } = providers;
  const marks = Object.entries(labels ?? {}).map(
    ([name, value]) => `${name}=${Array.isArray(value) ? value.join(" or ") : value}`,
  );
  return [group ? `all of the group ${group}` : "", marks.length > 0 ? `all with ${marks.join(", ")}` : ""]
    .filter((part) => part !== "")
    .join(", ");
}

/** What of a step is not as it is with most: when it runs, what follows a failure, how long it may take. */
export function settingsOf(step: Step): string[] {
  return [whenOf(step), failureOf(step), retriesOf(step), lossOf(step), ...runningOf(step)].filter(
    (text) => text !== "",
  );
}

function whenOf({ when }: Step): string {
  return when === "previous_success" ? "" : (WHEN[when] ?? `if ${when}`);
}

function failureOf({ on_failure, success_exit_codes: codes }: Step): string {
  const passes = on_failure === "continue" ? "a failure does not end the run" : "";
  const succeeds = codes.length === 1 && codes[0] === 0 ? "" : `succeeds with exit code ${codes.join(", ")}`;
  return [succeeds, passes].filter((text) => text !== "").join("; ");
}

function retriesOf({ retries: { count, delay, backoff } }: Step): string {
  if (count === 0) {
    return "";
  }
  const times = count === 1 ? "once more" : `${count} more times`;
  const apart = `after ${durationText(Number(delay))}${backoff === "exponential" ? ", then twice as long each time" : ""}`;
  return `tried ${times} where it fails, ${apart}`;
}

function lossOf({ on_lost }: Step): string {
  switch (on_lost) {
    case "hold":
      return "";
    case "rerun":
      return "run again where nobody knows how it ended";
    case "fail":
      return "counts as failed where nobody knows how it ended";
  }
}

function runningOf(step: Step): string[] {
  const { timeout, shell, run_as, working_directory, stdin, capture, expect_disconnect, rollout } = step;
  return [
    Number(timeout) === DEFAULT_TIMEOUT ? "" : `at most ${durationText(Number(timeout))}`,
    shell === "sh" ? "" : `by ${shell}`,
    run_as ? `as the user ${run_as.user}` : "",
    working_directory ? `in ${working_directory}` : "",
    stdin ? "with input" : "",
    capture ? `captures its ${CAPTURED[capture]}` : "",
    expect_disconnect ? `waits for its machine, ${durationText(Number(expect_disconnect.back_within))} at most` : "",
    rollout ? rolloutOf(rollout) : "",
  ];
}

const CAPTURED = {
  last_line: "last line",
  output: "output",
  json: "output, as JSON",
} satisfies Record<NonNullable<Step["capture"]>, string>;

function rolloutOf({ batches, max_parallel, max_failures, check }: Schemas["Rollout"]): string {
  return [
    batches.length === 0 ? "" : `in batches of ${batches.join(", ")}`,
    max_parallel ? `${max_parallel} at the same time` : "",
    Number(max_failures) === 0 ? "" : `${max_failures} may fail`,
    check ? `'${check}' after each batch` : "",
  ]
    .filter((text) => text !== "")
    .join(", ");
}
