import { expect, test } from "vitest";
import { anAlert } from "../../testing/builders";
import { titleOf } from "./titleOf";

test.each([
  [anAlert({ title: "nginx is down", labels: { alertname: "NginxDown" } }), "nginx is down"],
  [anAlert({ labels: { alertname: "NginxDown" }, description: "it is" }), "NginxDown"],
  [anAlert({ description: "not read:\n{}" }), "not read:"],
  [anAlert(), "f1"],
])("an alert has a title, whatever its sender told", (alert, title) => {
  expect(titleOf({ alert })).toBe(title);
});
