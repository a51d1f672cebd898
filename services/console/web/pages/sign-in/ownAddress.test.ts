import { expect, test } from "vitest";
import { ownAddress } from "./ownAddress";

const ORIGIN = "http://127.0.0.1:8080";

test.each([
  [undefined, "/"],
  ["/runs/01J?find=a#L3", "/runs/01J?find=a#L3"],
  ["//elsewhere.example/runs", "/"],
  ["/\\elsewhere.example", "/"],
  ["https://elsewhere.example", "/"],
  ["javascript:alert(1)", "/"],
  ["runs", "/"],
])("%s leads to %s", (next, address) => {
  expect(ownAddress(next, ORIGIN)).toBe(address);
});
