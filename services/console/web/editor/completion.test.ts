import { CompletionContext } from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { expect, test } from "vitest";
import { completions } from "./completion";

const offered = completions(() => [{ name: "service", about: "string" }]);

/** What a text becomes where the offer is taken at the bar. */
function taken(text: string): string | null {
  const at = text.indexOf("|");
  const state = EditorState.create({ doc: text.replace("|", "") });
  const found = offered(new CompletionContext(state, at, false));
  const apply = found?.options[0]?.apply;
  return found === null || typeof apply !== "string"
    ? null
    : state.sliceDoc(0, found.from) + apply + state.sliceDoc(found.to ?? at);
}

test("a placeholder that is begun is completed and closed", () => {
  expect(taken("echo {{|")).toBe("echo {{ service }}");
  expect(taken("echo {{ se|")).toBe("echo {{ service }}");
  expect(taken("echo '{{se|'")).toBe("echo '{{ service }}'");
});

test("one that is closed already keeps its end", () => {
  expect(taken("echo {{ se| }}")).toBe("echo {{ service }}");
  expect(taken("echo {{ se|rver }} now")).toBe("echo {{ service }} now");
});

test("nothing is offered outside of one", () => {
  expect(taken("echo se|")).toBeNull();
  expect(taken("echo {{ service }} se|")).toBeNull();
});
