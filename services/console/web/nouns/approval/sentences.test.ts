import { expect, test } from "vitest";
import { approversText, neededText } from "./sentences";

test("roles have their article, people their name, and of many the first are named", () => {
  expect(approversText(["role:operator"])).toBe("an operator");
  expect(approversText(["role:editor", "user:ann"])).toBe("an editor or ann");
  expect(approversText(["user:ann", "user:ben", "user:cem", "user:dan", "user:eve"])).toBe("ann, ben, cem or 2 more");
});

test("one approval is told otherwise than several", () => {
  expect(neededText({ approvers: ["user:ann"], needed: 1 })).toBe("it needs the approval of ann");
  expect(neededText({ approvers: ["role:administrator"], needed: 2 })).toBe("it needs 2 approvals by an administrator");
});
