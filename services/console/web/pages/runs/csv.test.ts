import { expect, test } from "vitest";
import { aRun } from "../../testing/builders";
import { csvOf } from "./csv";

test("a table has a head and a row a run", () => {
  const lines = csvOf([aRun(), aRun({ state: "failed", reason: "exit_status", ended_at: null, duration: null })]).split(
    "\r\n",
  );
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatch(/^id,action,version,state,/);
  expect(lines[1]).toContain(",restart-service,3,succeeded,,,manual,ann,");
  expect(lines[2]).toMatch(/,failed,exit_status,.*,,$/);
});

test("commas, quotes and new lines stay in their cell", () => {
  expect(csvOf([aRun({ reason_text: 'said "no", then\nleft' })])).toContain('"said ""no"", then\nleft"');
});

test("no text is read as a formula", () => {
  expect(csvOf([aRun({ reason_text: "=1+1" })])).toContain(",'=1+1,");
});
