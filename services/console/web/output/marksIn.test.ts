import { expect, test } from "vitest";
import { marksIn } from "./marksIn";

test("a text is found in capitals or not, each time that it is there", () => {
  expect(marksIn("Error: an ERROR", "error")).toEqual([
    [0, 5],
    [10, 15],
  ]);
  expect(marksIn("nothing", "error")).toEqual([]);
});

test("what is marked is what was found, also behind letters that are longer when they are small", () => {
  const line = "İSTANBUL: Error";
  const [[begin, end] = [0, 0]] = marksIn(line, "error");
  expect(line.slice(begin, end)).toBe("Error");
});
