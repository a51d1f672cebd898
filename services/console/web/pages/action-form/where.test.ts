import { expect, test } from "vitest";
import { labelsOf, labelTexts, wayOf, withWay } from "./where";

test("where a step runs is said in one of four ways", () => {
  expect([
    wayOf({}),
    wayOf({ provider: "web-1" }),
    wayOf({ providers: ["web-1"] }),
    wayOf({ providers: { group: "web" } }),
    wayOf({ providers: { labels: { role: "web" } } }),
  ]).toEqual(["one", "one", "list", "group", "labels"]);
});

test("another way keeps the machine where it can, and a rollout where there are several", () => {
  const step = { name: "a", providers: ["web-1", "web-2"], rollout: { max_parallel: 1 } };
  expect(withWay(step, "one")).toEqual({ name: "a", provider: "web-1" });
  expect(withWay(step, "labels")).toEqual({ name: "a", providers: { labels: {} }, rollout: { max_parallel: 1 } });
  expect(withWay({ name: "a", provider: "{{ host }}" }, "list")).toEqual({ name: "a", providers: ["{{ host }}"] });
  expect(withWay({ name: "a" }, "one")).toEqual({ name: "a" });
});

test("labels are read as they are written", () => {
  const labels = { env: "prod", role: ["web", "api"], rack: 12, note: "a=b", none: "" };
  const texts = labelTexts({ providers: { labels } });
  expect(texts).toEqual(["env=prod", "role=web", "role=api", "rack=12", "note=a=b", "none="]);
  expect(labelsOf(texts)).toEqual({ ...labels, rack: "12" });
});
