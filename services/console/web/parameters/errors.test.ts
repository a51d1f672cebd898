import { expect, test } from "vitest";
import { Problem } from "../api/problem";
import { fieldError, isSaidAtFields, parameterErrors } from "./errors";

const refusal = new Problem({
  status: 422,
  title: "Unprocessable Content",
  detail: "…",
  errors: [
    { field: "parameters.host", message: "is required", fixes: [] },
    { field: "parameters.host", message: "and more", fixes: [] },
    { field: "note", message: "is too long", fixes: [] },
  ],
});

test("a refusal is said at the fields that it names", () => {
  expect(parameterErrors(refusal)).toEqual({ host: "is required; and more" });
  expect(fieldError(refusal, "note")).toBe("is too long");
  expect(fieldError(refusal, "not_before")).toBeNull();
  expect(parameterErrors(null)).toEqual({});
});

test("a refusal that names what is not on the page has to be said otherwise", () => {
  expect(isSaidAtFields(refusal, [{ name: "host" }], ["note"])).toBe(true);
  expect(isSaidAtFields(refusal, [{ name: "host" }], [])).toBe(false);
  expect(isSaidAtFields(refusal, [], ["note"])).toBe(false);
  expect(isSaidAtFields(new Problem({ status: 503, title: "", detail: "" }), [], [])).toBe(false);
});
