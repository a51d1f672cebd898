import { describe, expect, test } from "vitest";
import type { JsonObject } from "./json";
import { placesOf, readYaml, writeYaml } from "./yaml";

const read = (text: string) => readYaml(text, "action").definition;

describe("a text is read as YAML 1.2, as opsimate apply reads it", () => {
  test("words, times and dates are texts", () => {
    expect(read("a: no\nb: 22:30\nc: 2026-01-31\nd: yes\ne: 0777\nf: 0o17\ng: ~\nh: True\ni: .inf")).toEqual({
      a: "no",
      b: "22:30",
      c: "2026-01-31",
      d: "yes",
      e: 777,
      f: 15,
      g: null,
      h: true,
      i: ".inf",
    });
  });

  test("nothing is merged, and an alias stands for what it marks", () => {
    expect(read("a: &x {b: 1}\nc: *x\n<<: 2")).toEqual({ a: { b: 1 }, c: { b: 1 }, "<<": 2 });
  });

  test("a number of a parameter keeps its digits", () => {
    expect(read("parameters: [{default: 1.0, maximum: 9007199254740993, minimum: 2}]\ntimeout: 600.0")).toEqual({
      parameters: [{ default: "1.0", maximum: "9007199254740993", minimum: 2 }],
      timeout: 600,
    });
  });

  test("a version that the text asks for changes nothing", () => {
    expect(read("%YAML 1.1\n---\na: no")).toEqual({ a: "no" });
  });

  test.each([
    ["name: a\nname: b", 2, 1, /unique/i],
    ["name: a\n  b: c", 1, 7, /./],
    ["a: !secret x", 1, 4, /tag/i],
    ["a: *b", 1, 4, /alias|anchor|marked/i],
    ["{a: 1}: 2", 1, 1, /key/],
    ["name: a\nkind: provider", 2, 1, /kind has to be action/],
    ["- a", 1, 1, /fields with their values/],
    ["a: 1\n---\nb: 2", 2, 1, /document/],
    ["a: &x [*x]", 1, 7, /deep/],
  ])("%j is refused with its place", (text, line, column, message) => {
    const { fault } = readYaml(text, "action");
    expect(fault?.place).toEqual({ line, column });
    expect(fault?.message).toMatch(message);
  });
});

test("aliases of aliases come to an end", () => {
  const tenfold = (of: string) => `[${`*${of},`.repeat(10)}]`;
  const lines = ["ab", "bc", "cd", "de", "ef"].map(([of = "", name]) => `${name}: &${name} ${tenfold(of)}`);
  expect(readYaml(`a: &a [1,1,1,1,1,1,1,1,1,1]\n${lines.join("\n")}`, "action").fault?.message).toMatch(/too much/);
});

test("what is written is read as the same, also by readers of YAML 1.1", () => {
  const definition: JsonObject = {
    kind: "action",
    name: "all",
    tags: ["no", "22:30", "1e3", "0x1F", "2026-01-31", "null", "~", "on", "=", "1_000"],
    steps: [
      { name: "a", command: "echo a: b # c\n\n  {{ x }}\n", provider: "{{ host }}", stdin: " lead\n", timeout: "5m" },
      { name: "b", command: "tab\there\u2028and \u00a0 more", success_exit_codes: [0, 2], environment: { X: "yes" } },
      { name: "c", command: "no line end\nhere" },
    ],
  };
  const text = writeYaml(definition);
  expect(read(text)).toEqual(definition);
  expect(text).toContain('- "no"');
  expect(text).toContain('- "22:30"');
  expect(text).toContain("command: |\n");
});

test("the same object twice is written twice", () => {
  const providers = { group: "web" };
  expect(writeYaml({ steps: [{ providers }, { providers }] })).not.toMatch(/[&*]/);
});

test("a field is found in a text, or what comes nearest to it", () => {
  const text = "name: a\nsteps:\n  - name: one\n    command: x\n  - {name: two, command: y}\n";
  expect(placesOf(text, ["steps.0.command", "steps.1.command", "steps.1.retries.count", "nowhere", "steps.9"])).toEqual(
    [
      { line: 4, column: 5 },
      { line: 5, column: 17 },
      { line: 5, column: 5 },
      { line: 1, column: 1 },
      { line: 2, column: 1 },
    ],
  );
});
