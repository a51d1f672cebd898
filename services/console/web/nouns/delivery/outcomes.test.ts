import { expect, test } from "vitest";
import { NOT_TAKEN, replayText } from "./outcomes";

const REPLAY = { by: "ann", principal_id: "1", requested_at: "2026-05-01T12:00:00Z", reason: "", alerts: [], runs: [] };

test("of what was posted, that is looked at which was not taken", () => {
  expect(NOT_TAKEN).toEqual(["unreadable", "refused", "unauthorized"]);
});

test.each([
  [null, null],
  [{ ...REPLAY, state: "requested" as const }, "It is being decided again."],
  [{ ...REPLAY, state: "done" as const, reason: "1 run was requested" }, "It was decided again: 1 run was requested"],
])("of %o is told what came of it", (replay, text) => {
  expect(replayText({ replay })).toBe(text);
});
