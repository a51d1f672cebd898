import { expect, test } from "vitest";
import { matchText } from "./matchText";

test.each([
  [{ source: null, match: { labels: {} } }, "every alert"],
  [
    { source: "generic", match: { labels: { alertname: "Down", maintenance: "" } } },
    "alertname = Down, maintenance is not there, source = generic",
  ],
  [
    {
      source: { in: ["grafana", "generic"] },
      match: { labels: { role: { regex: "web|api" } }, severity: ["high" as const] },
    },
    "role ~ web|api, severity high, source = grafana or generic",
  ],
  [
    { source: null, match: { labels: {}, severity: { at_least: "warning" as const }, when: "now > now" } },
    "severity at least warning, now > now",
  ],
])("a rule says in a line for which alerts it is", (rule, text) => {
  expect(matchText(rule)).toBe(text);
});
