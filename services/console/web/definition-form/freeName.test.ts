import { expect, test } from "vitest";
import { freeName } from "./freeName";

test("a name that is taken gets the lowest number that is free", () => {
  expect(freeName("step", [], "-")).toBe("step");
  expect(freeName("step", ["step", "step-2", "step-4"], "-")).toBe("step-3");
  expect(freeName("step-2", ["step", "step-2"], "-")).toBe("step-3");
  expect(freeName("web_1", ["web_1"], "_")).toBe("web");
});
