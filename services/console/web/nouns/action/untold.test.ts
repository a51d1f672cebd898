import { expect, test } from "vitest";
import { aRun } from "../../testing/builders";
import { untold } from "./untold";

const LAST_RUN = {
  id: "1",
  state: "succeeded",
  started_at: "2026-05-01T12:00:01Z",
  ended_at: "2026-05-01T12:00:05Z",
  duration: 4,
} as const;
const TOLD = { name: "restart-service", running: 0, last_run: LAST_RUN };
const NOBODY = new Map();

test("an action that knows of its last run is told", () => {
  expect(untold([TOLD], NOBODY, [aRun()])).toEqual([]);
});

test("an action is untold that knows of an earlier run only, or of none", () => {
  const later = aRun({ ended_at: "2026-05-01T12:00:06Z" });
  expect(untold([TOLD], NOBODY, [aRun(), later])).toEqual(["restart-service"]);
  expect(untold([{ ...TOLD, last_run: null }], NOBODY, [aRun()])).toEqual(["restart-service"]);
});

test("an action is untold that counts a run as running which does not run", () => {
  const counts = { ...TOLD, running: 1 };
  expect(untold([counts], NOBODY, [])).toEqual(["restart-service"]);
  expect(untold([counts], new Map([["restart-service", [aRun({ state: "running" })]]]), [])).toEqual([]);
});

test("where not all that runs is known, what is counted as running is no sign", () => {
  expect(untold([{ ...TOLD, running: 1 }], null, [])).toEqual([]);
});

test("a run that has not ended says nothing of how one ended", () => {
  expect(untold([TOLD], NOBODY, [aRun({ state: "queued", ended_at: null })])).toEqual([]);
});
