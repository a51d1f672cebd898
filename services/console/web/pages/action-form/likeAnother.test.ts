import { expect, test } from "vitest";
import { likeAnother } from "./likeAnother";

const STEPS = "steps: [{name: one, command: true}]";
const SCHEDULE = "schedule: {at: {daily: '02:30'}}";

test("a copy of what runs by itself waits to be asked, and keeps when it would run", () => {
  const { beginning, isHeldBack } = likeAnother("sweep", `${STEPS}\nexecution: {mode: scheduled, ${SCHEDULE}}`);
  expect(isHeldBack).toBe(true);
  expect(beginning.version).toBeNull();
  expect(beginning.definition).toMatchObject({
    name: "sweep-copy",
    execution: { schedule: { at: { daily: "02:30" } } },
  });
  expect(beginning.definition.execution).not.toHaveProperty("mode");
});

test("a copy of what waits to be asked is like it, under a name that is not too long", () => {
  const { beginning, isHeldBack } = likeAnother("x".repeat(63), STEPS);
  expect(isHeldBack).toBe(false);
  expect(beginning.definition).not.toHaveProperty("execution");
  expect(beginning.definition.name).toBe(`${"x".repeat(58)}-copy`);
});
