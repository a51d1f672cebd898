import type { WrittenKind } from "../nouns/definition/texts";
import { freeName } from "./freeName";
import { isObject, type Json, type JsonObject, listAt, textAt, valueAt, withValue } from "./json";
import { readYaml, type YamlFault } from "./yaml";

export type ListName = "steps" | "parameters";

/** The definition as it is being written: as JSON without what goes without saying, or as a text that says the same. */
export interface FormState {
  /** What kind of definition it is, whatever a text says. */
  kind: WrittenKind;
  definition: JsonObject;
  /** Name the entries of each list while their places and names change. */
  ids: Record<ListName, readonly number[]>;
  /** The entries that are folded at first: all of a long list. */
  folded: ReadonlySet<number>;
  /** What was taken away last, and can be put back. */
  removed: { list: ListName; index: number; item: Json; id: number } | null;
  /** The text as somebody writes it; null where the form is what is written in. */
  text: string | null;
  /** Why the text says nothing; the definition is then what it said last. */
  fault: YamlFault | null;
}

export type Change =
  | { do: "set"; field: string; value: Json | undefined }
  | { do: "insert"; list: ListName; index: number; item: JsonObject }
  /** A new one at the end; a step runs where the one before it does. */
  | { do: "add"; list: ListName }
  | { do: "duplicate"; list: ListName; index: number }
  | { do: "remove"; list: ListName; index: number }
  | { do: "restore" }
  | { do: "move"; list: ListName; from: number; to: number }
  /** As YAML; null goes on in the form. */
  | { do: "write"; text: string | null }
  | { do: "replace"; definition: JsonObject };

const MOST_OPEN = 3;

let lastId = 0;

export function stateOf(kind: WrittenKind, definition: JsonObject): FormState {
  const ids = idsOf(definition);
  const folded = new Set(Object.values(ids).flatMap((list) => (list.length > MOST_OPEN ? list : [])));
  return { kind, definition, ids, folded, removed: null, text: null, fault: null };
}

export function changed(state: FormState, change: Change): FormState {
  switch (change.do) {
    case "set":
      return { ...state, definition: withValue(state.definition, change.field, change.value) };
    case "insert":
      return withEntries(
        state,
        change.list,
        (items) => items.toSpliced(change.index, 0, change.item),
        (ids) => ids.toSpliced(change.index, 0, nextId()),
      );
    case "add": {
      const entries = listAt(state.definition, change.list);
      return changed(state, {
        do: "insert",
        list: change.list,
        index: entries.length,
        item: newEntry(change.list, entries),
      });
    }
    case "duplicate": {
      const entries = listAt(state.definition, change.list);
      const entry = entries[change.index];
      const name = freeNameAmong(change.list, entries, textAt(entry, "name"));
      return isObject(entry)
        ? changed(state, { do: "insert", list: change.list, index: change.index + 1, item: { ...entry, name } })
        : state;
    }
    case "remove": {
      const { list, index } = change;
      const item = listAt(state.definition, list)[index];
      const id = state.ids[list][index];
      if (item === undefined || id === undefined) {
        return state;
      }
      const rest = withEntries(
        state,
        list,
        (items) => items.toSpliced(index, 1),
        (ids) => ids.toSpliced(index, 1),
      );
      return { ...rest, removed: { list, index, item, id } };
    }
    case "restore": {
      if (state.removed === null) {
        return state;
      }
      const { list, index, item, id } = state.removed;
      const whole = withEntries(
        state,
        list,
        (items) => items.toSpliced(index, 0, item),
        (ids) => ids.toSpliced(index, 0, id),
      );
      return { ...whole, removed: null };
    }
    case "move":
      return withEntries(
        state,
        change.list,
        (items) => moved(items, change.from, change.to),
        (ids) => moved(ids, change.from, change.to),
      );
    case "write": {
      if (change.text === null) {
        return stateOf(state.kind, asForm(state.definition));
      }
      const { definition, fault } = readYaml(change.text, state.kind);
      return fault === null
        ? { ...stateOf(state.kind, definition), text: change.text }
        : { ...state, text: change.text, fault };
    }
    case "replace":
      return stateOf(state.kind, change.definition);
  }
}

/** Why a form that shows these lists cannot show what is written as a text, which may say anything; null where it can. */
export function formRefusal({ definition, fault }: FormState, lists: readonly string[]): string | null {
  if (fault !== null) {
    return "The text cannot be read as it stands.";
  }
  for (const list of lists) {
    const found = valueAt(definition, list);
    if (found !== undefined && !(Array.isArray(found) && found.every(isObject))) {
      return `'${list}' has to be a list of entries, each with its fields.`;
    }
  }
  return null;
}

/** The same, with what has a short form written out, as the fields need it: `retries: 2` is `retries: {count: 2}`. */
function asForm(definition: JsonObject): JsonObject {
  const steps = listAt(definition, "steps").map((step) =>
    isObject(step) && (typeof step.retries === "number" || typeof step.retries === "string")
      ? { ...step, retries: { count: step.retries } }
      : step,
  );
  return steps.length === 0 ? definition : { ...definition, steps };
}

const NOUNS = { steps: "step", parameters: "parameter" } satisfies Record<ListName, string>;

function freeNameAmong(list: ListName, entries: readonly Json[], name = ""): string {
  const taken = entries.map((entry) => textAt(entry, "name"));
  return freeName(name || NOUNS[list], taken, list === "steps" ? "-" : "_");
}

function newEntry(list: ListName, entries: readonly Json[]): JsonObject {
  const name = freeNameAmong(list, entries);
  const before = entries.at(-1);
  if (list === "parameters" || !isObject(before)) {
    return { name };
  }
  const { provider, providers } = before;
  return { name, ...(provider === undefined ? {} : { provider }), ...(providers === undefined ? {} : { providers }) };
}

function withEntries(
  state: FormState,
  list: ListName,
  change: (items: Json[]) => Json[],
  changeIds: (ids: readonly number[]) => readonly number[],
): FormState {
  const items = change(listAt(state.definition, list));
  // An action without parameters has no such field; one without steps has an empty list, which is refused.
  const isGone = items.length === 0 && list === "parameters";
  return {
    ...state,
    removed: null,
    definition: withValue(state.definition, list, isGone ? undefined : items),
    ids: { ...state.ids, [list]: changeIds(state.ids[list]) },
  };
}

function moved<Item>(items: readonly Item[], from: number, to: number): Item[] {
  const item = items[from];
  return item === undefined || to < 0 || to >= items.length
    ? [...items]
    : items.toSpliced(from, 1).toSpliced(to, 0, item);
}

function idsOf(definition: JsonObject): FormState["ids"] {
  return { steps: listAt(definition, "steps").map(nextId), parameters: listAt(definition, "parameters").map(nextId) };
}

function nextId(): number {
  lastId += 1;
  return lastId;
}
