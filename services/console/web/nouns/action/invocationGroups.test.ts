import { expect, test } from "vitest";
import { groupsOf } from "./invocationGroups";

const on = (provider: string, command: string) => ({ provider, command, reachable: null, reachable_text: null });

test("a command stands once for all providers that run the very same", () => {
  const [a, b, c] = [on("a", "uptime"), on("b", "uptime "), on("c", "uptime")];
  expect(groupsOf([a, b, c])).toEqual([
    { command: "uptime", invocations: [a, c] },
    { command: "uptime ", invocations: [b] },
  ]);
});
