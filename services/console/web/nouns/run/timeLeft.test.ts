import { expect, test } from "vitest";
import { anAttempt, aStep } from "../../testing/builders";
import { timeLeftText } from "./timeLeft";

const begun = "2026-05-01T12:00:00Z";
const after = (seconds: number) => new Date(Date.parse(begun) + seconds * 1000);

test("the time that is left counts down while a command runs", () => {
  const step = aStep({ state: "running", attempts: [anAttempt({ started_at: begun, timeout: 600 })] });
  expect(timeLeftText(step, after(10))).toBe("time-out in 9m 50s");
  expect(timeLeftText(step, after(601))).toBe("its time is over");
});

test("nothing is left of what does not run", () => {
  expect(timeLeftText(aStep(), after(1))).toBeNull();
  const queued = aStep({ state: "running", attempts: [anAttempt({ state: "queued", started_at: null })] });
  expect(timeLeftText(queued, after(1))).toBeNull();
  const ended = aStep({ state: "succeeded", attempts: [anAttempt({ state: "succeeded", started_at: begun })] });
  expect(timeLeftText(ended, after(1))).toBeNull();
});
