import { expect, test } from "vitest";
import { aParameter } from "../../testing/builders";
import { newDefaults } from "./newDefaults";

test("only what was touched and says something is another default", () => {
  const parameters = [
    aParameter({ name: "service", required: true }),
    aParameter({ name: "count", type: "integer", default: 5 }),
    aParameter({ name: "apply", type: "boolean", default: false }),
    aParameter({ name: "host", type: "provider", required: true }),
    aParameter({ name: "token", type: "secret" }),
  ];
  const drafts = { service: "nginx", apply: "true", host: "", token: { by: "name", text: "key" } } as const;
  expect(newDefaults(parameters, drafts)).toEqual({ service: "nginx", apply: true });
});
