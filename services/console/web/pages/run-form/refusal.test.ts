import { expect, test } from "vitest";
import { Problem } from "../../api/problem";
import { refusalOf } from "./refusal";
import type { PlanState } from "./usePlan";

const ready = { is: "ready" } as PlanState;
const plain = {
  action: { name: "failover", confirm: "none" as const },
  refusal: null,
  plan: ready,
  typed: "",
  lacksStart: false,
};
const typed = { ...plain, action: { ...plain.action, confirm: "type_name" as const } };

test.each([
  ["nothing", plain, null],
  ["a permission", { ...plain, refusal: "'ann' may not do this" }, "'ann' may not do this"],
  [
    "values",
    { ...plain, plan: { is: "lacking", titles: ["Host", "env"] } as PlanState },
    "Values are needed: Host, env.",
  ],
  ["its plan", { ...plain, plan: { is: "pending" } as PlanState }, "The plan is being made."],
  [
    "a plan that can be",
    { ...plain, plan: { is: "refused" } as PlanState },
    "There is no plan for these values; what is wrong with them stands above.",
  ],
  [
    "a server that makes its plan",
    { ...plain, plan: { is: "refused", error: new Problem({ status: 503, title: "", detail: "" }) } as PlanState },
    "There is no plan yet, as the server does not answer.",
  ],
  ["the time of its start", { ...plain, lacksStart: true }, "Say when it shall start."],
  ["its name, before it is typed", typed, "Type failover first."],
  ["its name, typed otherwise", { ...typed, typed: "Failover" }, "Type failover first."],
  ["nothing once its name is typed", { ...typed, typed: " failover " }, null],
])("an execution lacks %s", (_, execution, reason) => {
  expect(refusalOf(execution)).toBe(reason);
});
