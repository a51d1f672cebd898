import { expect, test } from "vitest";
import { anAlert } from "../../testing/builders";
import { completed, filledIn, placeholderNames, textsIn } from "./placeholders";

const ALERT = anAlert({
  title: "It is {{ alert.host }}",
  labels: { instance: "web-1:9100", "a.b-c": "dotted", "1st": "no placeholder names it", empty: "" },
  annotations: { runbook: "r" },
});

test("what alerts have can be named, as far as a placeholder can name it", () => {
  const names = placeholderNames([ALERT, anAlert({ labels: { env: "prod" } })]);
  expect(names).toContain("alert.labels.a.b-c");
  expect(names).toContain("alert.labels.env");
  expect(names).toContain("alert.annotations.runbook");
  expect(names).not.toContain("alert.labels.1st");
});

test.each([
  ["", ["{{ alert.host }}", "{{ alert.labels.env }}"]],
  ["{{", ["{{ alert.host }}", "{{ alert.labels.env }}"]],
  ["on {{ alert.l", ["on {{ alert.labels.env }}"]],
  ["on {{ env", ["on {{ alert.labels.env }}"]],
  ["{{ alert.host }}", []],
  ["nginx", []],
])("%j is completed at its end", (text, texts) => {
  expect(completed(text, ["alert.host", "alert.labels.env"])).toEqual(texts);
});

test.each([
  ["{{ alert.host }} and {{alert.labels.a.b-c}}", "web-1 and dotted", []],
  ["{{ alert.title }}", "It is {{ alert.host }}", []],
  ["{{ alert.labels.empty }}{{ alert.labels.none }}", "", ["alert.labels.empty", "alert.labels.none"]],
  ["\\{{ alert.host }}", "\\{{ alert.host }}", []],
  ["{{ alert.nothing }}", "{{ alert.nothing }}", []],
  ["{{ alert.labels.toString }}", "", ["alert.labels.toString"]],
])("%j is filled in", (text, filled, missing) => {
  expect(filledIn(text, ALERT)).toEqual({ text: filled, missing });
});

test.each([
  ["web-1:9100", "web-1"],
  ["web-1", "web-1"],
  ["[::1]:9100", "::1"],
  ["fe80::1", "fe80::1"],
  ["https://ann@web-1:8443/health", "web-1"],
  ["http://[::1]:80/", "::1"],
])("the host of %s is %s", (instance, host) => {
  expect(filledIn("{{ alert.host }}", anAlert({ labels: { instance } })).text).toBe(host);
});

test("the texts by which a provider is chosen are filled in, too", () => {
  expect(textsIn({ provider: { host: "h" } })).toEqual(["h"]);
  expect(textsIn({ provider: { labels: { role: "r", env: "e" } } })).toEqual(["r", "e"]);
  expect(textsIn({ secret: "s" })).toEqual([]);
  expect(textsIn(3)).toEqual([]);
});
