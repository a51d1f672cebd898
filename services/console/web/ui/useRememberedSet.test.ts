import { expect, test } from "vitest";
import { rememberedTexts } from "./useRememberedSet";

test.each([
  ['["a","b"]', ["a", "b"]],
  ["[]", []],
  ["[1]", null],
  ['{"a":1}', null],
  ["a,b", null],
  [undefined, null],
])("of %o there is remembered %o", (text, texts) => {
  expect(rememberedTexts(text)).toEqual(texts);
});
