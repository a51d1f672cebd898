import { expect, test } from "vitest";
import { anAlert } from "../../testing/builders";
import { ruleOf } from "./ofAlert";

test("a rule of an alert goes by its name", () => {
  const alert = anAlert({ labels: { alertname: "NginxDown", instance: "web-1" } });
  expect(ruleOf(alert).definition).toMatchObject({
    name: "nginx-down",
    source: "generic",
    match: { labels: { alertname: "NginxDown" } },
  });
});

test("without a name it goes by all labels but those that say which of many it is", () => {
  const alert = anAlert({ title: "../<b> –", labels: { env: "prod", pod: "x-1" } });
  expect(ruleOf(alert).definition).toMatchObject({ name: "b", match: { labels: { env: "prod" } } });
});
