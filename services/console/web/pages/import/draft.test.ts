import { expect, test } from "vitest";
import { EMPTY_IMPORT, requestOf, withoutPasswords } from "./draft";

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

test("a browser keeps no text that speaks of passwords", () => {
  const draft = { ...EMPTY_IMPORT, text: "web-1 ansible_user=ops\n", user: "ops" };
  expect(withoutPasswords(draft)).toBe(draft);
  const spoken = { ...draft, text: "web-1 ansible_ssh_pass=hunter2\n" };
  expect(withoutPasswords(spoken)).toEqual({ ...draft, text: "" });
});

test("a configuration of ssh has no variables to make labels of", () => {
  expect(requestOf({ ...EMPTY_IMPORT, format: "ssh_config", user: " me ", labels: ["env"] })).toMatchObject({
    user: "me",
    labels: {},
  });
});
