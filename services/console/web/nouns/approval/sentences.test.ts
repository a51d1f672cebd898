import { expect, test } from "vitest";
import { approversText, givenText, neededText } from "./sentences";

test("roles have their article, people their name, and of many the first are named", () => {
  expect(approversText(["role:operator"])).toBe("an operator");
  expect(approversText(["role:editor", "user:ann"])).toBe("an editor or ann");
  expect(approversText(["user:ann", "user:ben", "user:cem", "user:dan", "user:eve"])).toBe("ann, ben, cem or 2 more");
});

test("one approval is told otherwise than several", () => {
  expect(neededText({ approvers: ["user:ann"], needed: 1 })).toBe("it needs the approval of ann");
  expect(neededText({ approvers: ["role:administrator"], needed: 2 })).toBe("it needs 2 approvals by an administrator");
});

test("the first values tell a run from others of its action, however long they are", () => {
  expect(givenText({ path: "/tmp", days: 3 })).toBe("path = /tmp, days = 3");
  expect(givenText({ a: "😀".repeat(41), key: { secret: "k" }, c: "", d: 1, e: 2 })).toBe(
    `a = ${"😀".repeat(40)}…, key = {"secret":"k"}, c =  and 2 more`,
  );
});
