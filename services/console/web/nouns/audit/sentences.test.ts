import { expect, test } from "vitest";
import { doneText, originText, versionsOf } from "./sentences";

test("what was done is told in words, and what has none as it is written", () => {
  expect(doneText({ kind: "action.changed", of: "action" })).toBe("changed the action");
  expect(doneText({ kind: "maintenance_window.deleted", of: "maintenance_window" })).toBe(
    "deleted the maintenance window",
  );
  expect(doneText({ kind: "run.requested", of: "run" })).toBe("asked for a run of");
  expect(doneText({ kind: "run.cancel", of: "run" })).toBe("cancelled a run of");
  expect(doneText({ kind: "moon.painted", of: "moon" })).toBe("moon.painted");
});

test("a changed definition is compared with the version that it was, a new one with nothing", () => {
  expect(versionsOf({ of: "action", details: { version: 4, old: { version: 2, sha256: "" } } })).toEqual({
    kind: "actions",
    version: 4,
    before: 2,
  });
  expect(versionsOf({ of: "action", details: { version: 1 } })).toEqual({ kind: "actions", version: 1, before: 0 });
  expect(versionsOf({ of: "run", details: { version: 3 } })).toBeNull();
});

test("where nobody called there is no origin", () => {
  expect(originText(undefined)).toBe("");
  expect(originText({ address: "10.0.0.7", program: "", credential: "session" })).toBe("10.0.0.7, signed in");
});
