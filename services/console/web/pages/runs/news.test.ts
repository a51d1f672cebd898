import { expect, test } from "vitest";
import { aRun } from "../../testing/builders";
import { asOfNow, newerThan } from "./news";

const running = { state: "running", ended_at: null } as const;

test("a list stays as it was read, and its runs go on in their places", () => {
  const listed = [aRun({ id: "2", ...running }), aRun({ id: "1" })];
  const newest = [aRun({ id: "3", ...running }), aRun({ id: "2" })];
  expect(newerThan(listed[0], newest).map(({ id }) => id)).toEqual(["3"]);
  expect(newerThan(undefined, newest)).toEqual(newest);
  expect(asOfNow(listed, newest).map(({ id, state }) => [id, state])).toEqual([
    ["2", "succeeded"],
    ["1", "succeeded"],
  ]);
});

test("a run that has ended does not begin again by what was read before", () => {
  const ended = aRun({ id: "2" });
  expect(asOfNow([ended], [aRun({ id: "2", ...running })])).toEqual([ended]);
});
