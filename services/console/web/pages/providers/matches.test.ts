import { expect, test } from "vitest";
import { matches } from "./matches";

const provider = {
  name: "web-1",
  description: "Behind the balancer",
  connection: { ssh: { host: "10.0.0.11", port: 2222, user: "deploy" } },
  labels: { role: "web", env: "prod" },
  pool: "dmz",
};

test.each([
  ["web", true],
  ["WEB-1", true],
  ["role=web dmz", true],
  ["deploy@10.0.0.11:2222", true],
  ["balancer prod", true],
  ["balancer staging", false],
])("%s: %s", (text, expected) => {
  expect(matches(provider, text)).toBe(expected);
});
