import {
  Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import type { Place } from "../editor/places";
import type { WrittenKind } from "../nouns/definition/texts";
import { isObject, type Json, type JsonObject } from "./json";

/** Why a text is no definition, and where. */
export interface YamlFault {
  message: string;
  place: Place;
}

export type YamlReading = { definition: JsonObject; fault: null } | { definition: null; fault: YamlFault };

/** Numbers that stay as they are written: `1.0` and `1` are told apart where a command sees them. */
const AS_WRITTEN = new Set(["default", "minimum", "maximum"]);

/**
 * What a text says, by the core schema of YAML 1.2, as `opsimate apply` reads it: `no` and `22:30` are texts, and so is
 * a date; no key stands twice, nothing is merged, and no tag means anything.
 */
export function readYaml(text: string, kind: WrittenKind): YamlReading {
  const lines = new LineCounter();
  const document = documentOf(text, lines);
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const wrong = document.errors[0] ?? document.warnings[0];
  if (wrong !== undefined) {
    return { definition: null, fault: { message: firstLine(wrong.message), place: placeAt(wrong.pos[0]) } };
  }
  try {
    const found = document.contents === null ? null : new Reading(document).json(document.contents);
    if (!isObject(found)) {
      return {
        definition: null,
        fault: { message: "A definition is fields with their values, such as name: …", place: placeAt(0) },
      };
    }
    if (found.kind !== undefined && found.kind !== kind) {
      const [place = placeAt(0)] = placesOf(text, ["kind"]);
      const message = `kind has to be ${kind}: this form writes nothing else.`;
      return { definition: null, fault: { message, place } };
    }
    return { definition: found, fault: null };
  } catch (error) {
    if (error instanceof Unreadable) {
      return { definition: null, fault: { message: error.message, place: placeAt(error.node.range?.[0] ?? 0) } };
    }
    throw error;
  }
}

/** A definition as a person would write it; what YAML 1.1 takes for something else than a text stands in quotes. */
export function writeYaml(definition: JsonObject): string {
  const options = { version: "1.2", schema: "core", compat: "yaml-1.1", aliasDuplicateObjects: false } as const;
  const document = new Document(inOrder(definition), options);
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === "string" && node.value.includes("\n")) {
        node.type = "BLOCK_LITERAL";
      }
    },
  });
  return document.toString({ lineWidth: 110 });
}

/** What people read first stands first; what nobody knows, last. */
const ORDER = [
  "kind",
  "name",
  "title",
  "description",
  "category",
  "tags",
  "estimated_duration",
  "confirm",
  "parameters",
  "condition",
  "concurrency",
  "steps",
  "execution",
];

function inOrder(definition: JsonObject): JsonObject {
  const rank = (name: string) => {
    const found = ORDER.indexOf(name);
    return found < 0 ? Number.POSITIVE_INFINITY : found;
  };
  const names = Object.keys(definition).sort((one, other) => (rank(one) === rank(other) ? 0 : rank(one) - rank(other)));
  return Object.fromEntries(names.map((name) => [name, definition[name] ?? null]));
}

/** Where fields such as `steps.2.command` stand in a text, or what comes nearest to each. */
export function placesOf(text: string, fields: readonly string[]): Place[] {
  const lines = new LineCounter();
  const { contents } = documentOf(text, lines);
  return fields.map((field) => {
    const { line, col } = lines.linePos(offsetIn(contents, field.split(".")));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  });
}

function offsetIn(whole: unknown, path: readonly string[]): number {
  let node = whole;
  let offset = 0;
  for (const part of path) {
    const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && String(key.value) === part) : undefined;
    const found = pair?.key ?? (isSeq(node) ? node.items[Number(part)] : undefined);
    if (!isNode(found)) {
      break;
    }
    offset = found.range?.[0] ?? offset;
    node = pair === undefined ? found : pair.value;
  }
  return offset;
}

class Unreadable extends Error {
  constructor(
    message: string,
    readonly node: Node,
  ) {
    super(message);
  }
}

function documentOf(text: string, lineCounter: LineCounter) {
  return parseDocument(text, { version: "1.2", schema: "core", intAsBigInt: true, prettyErrors: false, lineCounter });
}

/** More than any definition has; an alias that repeats itself, or others without end, stops here, too. */
const MOST_DEPTH = 30;
const MOST_VALUES = 100_000;

/** Makes JSON of the nodes of a document. */
class Reading {
  private count = 0;

  constructor(private readonly document: Document.Parsed) {}

  /** What a node says that is the value of this key, so many lists and maps within others. */
  json(node: Node, key = "", depth = 0): Json {
    this.count += 1;
    if (depth > MOST_DEPTH || this.count > MOST_VALUES) {
      throw new Unreadable("This is nested too deep, or has too much in it.", node);
    }
    if (isAlias(node)) {
      const meant = node.resolve(this.document);
      if (meant === undefined) {
        throw new Unreadable(`Nothing is marked with &${node.source}.`, node);
      }
      return this.json(meant, key, depth + 1);
    }
    if (isSeq(node)) {
      return node.items.map((item) => this.json(item as Node, "", depth + 1));
    }
    return isMap(node) ? this.object(node, depth) : scalarOf(node as Scalar, key);
  }

  private object(map: YAMLMap, depth: number): JsonObject {
    const found: JsonObject = {};
    for (const { key, value } of map.items) {
      if (!isScalar(key)) {
        const at = (key as Node | null) ?? map;
        throw new Unreadable("A key has to be a text; put quotes round what begins with { or [.", at);
      }
      const name = key.source ?? String(key.value);
      found[name] = value === null ? null : this.json(value as Node, name, depth + 1);
    }
    return found;
  }
}

function scalarOf({ value, source = "" }: Scalar, key: string): Json {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (typeof value === "number") {
    const isAsWritten = Number.isFinite(value) && (String(value) === source || !AS_WRITTEN.has(key));
    return isAsWritten ? value : source;
  }
  return typeof value === "string" || typeof value === "boolean" || value === null ? value : source;
}

function firstLine(message: string): string {
  return message.split("\n")[0] ?? message;
}
