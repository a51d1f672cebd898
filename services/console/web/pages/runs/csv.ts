import type { Run } from "../../nouns/run/states";

const COLUMNS: readonly [string, (run: Run) => string | number | null][] = [
  ["id", (run) => run.id],
  ["action", (run) => run.action.name],
  ["version", (run) => run.action.version],
  ["state", (run) => run.state],
  ["reason", (run) => run.reason],
  ["reason_text", (run) => run.reason_text],
  ["trigger", (run) => run.trigger.kind],
  ["by", (run) => run.trigger.by],
  ["created_at", (run) => run.created_at],
  ["started_at", (run) => run.started_at],
  ["ended_at", (run) => run.ended_at],
  ["duration", (run) => run.duration],
];

/** Runs as RFC 4180 has tables, with a head. */
export function csvOf(runs: readonly Run[]): string {
  const rows = [COLUMNS.map(([name]) => name), ...runs.map((run) => COLUMNS.map(([, read]) => cell(read(run))))];
  return rows.map((row) => `${row.join(",")}\r\n`).join("");
}

/** A text that a spreadsheet would take for a formula gets an apostrophe: texts come from whoever sends an alert. */
function cell(value: string | number | null): string {
  if (value === null || typeof value === "number") {
    return value === null ? "" : String(value);
  }
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
