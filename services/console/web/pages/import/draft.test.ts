import { expect, test } from "vitest";
import { EMPTY_IMPORT, requestOf } from "./draft";

test("what is left empty is not said, and a label is of the variable of its name or of another", () => {
  const draft = { ...EMPTY_IMPORT, text: "a\n", key: "fleet", labels: ["env", "role=duty"] };
  expect(requestOf(draft)).toEqual({
    format: "ansible_inventory",
    text: "a\n",
    user: null,
    private_key: { secret: "fleet" },
    pool: null,
    labels: { env: "env", duty: "role" },
  });
});

test("a configuration of ssh has no variables to make labels of", () => {
  expect(requestOf({ ...EMPTY_IMPORT, format: "ssh_config", user: " me ", labels: ["env"] })).toMatchObject({
    user: "me",
    labels: {},
  });
});
