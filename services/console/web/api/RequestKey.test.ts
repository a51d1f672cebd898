import { expect, test } from "vitest";
import { RequestKey } from "./RequestKey";

test("a request that is sent again has the key that it had, another one has another", () => {
  const key = new RequestKey();
  const first = key.of({ note: "a" });
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(key.of({ note: "a" })).toBe(first);
  const other = key.of({ note: "b" });
  expect(other).not.toBe(first);
  expect(key.of({ note: "a" })).not.toBe(first);
});

test("a request that was answered is another one once more", () => {
  const key = new RequestKey();
  const first = key.of({});
  key.forget();
  expect(key.of({})).not.toBe(first);
});
