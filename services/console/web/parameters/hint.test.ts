import { expect, test } from "vitest";
import { aParameter } from "../testing/builders";
import { hintOf } from "./hint";

test("what is said of a parameter is told in sentences, however its description ends", () => {
  const host = aParameter({ type: "provider", description: "Where the cache runs", default: "web-1" });
  expect(hintOf(host)).toBe("Where the cache runs. Left empty it is web-1.");
  expect(hintOf({ ...host, description: "Which machine?" })).toBe("Which machine? Left empty it is web-1.");
  expect(hintOf({ ...host, default: null })).toBe("Where the cache runs");
});

test("a pattern is the last that is said, so that nothing behind it is taken for a part of it", () => {
  const pages = aParameter({ type: "string", pattern: "[a-z]+", default: "all", description: "Of which pages" });
  expect(hintOf(pages)).toMatch(/^Of which pages\. .*Has to match \[a-z\]\+$/);
});
