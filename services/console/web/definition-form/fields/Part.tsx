import type { ReactNode } from "react";
import { errorAt, type Fault } from "../faults";
import { type Json, type JsonObject, textAt } from "../json";
import type { Change } from "../state";
import { FieldErrors } from "./FieldErrors";

/** A part of the action that has fields: the whole, a step, a parameter. */
export interface Part {
  value: JsonObject;
  /** What stands before the names of its fields, such as `steps.2.`; nothing for the whole. */
  at: string;
  faults: readonly Fault[];
  change: (change: Change) => void;
}

export interface EntryProps {
  part: Part;
  /** Of the field within the part, such as `retries.count`. */
  name: string;
  label: string;
  description?: string;
}

export function setField({ at, change }: Part, name: string, value: Json | undefined): void {
  change({ do: "set", field: at + name, value });
}

/** What stands below a field of which something is wrong. */
export function errorsOf(part: Part, name: string): ReactNode {
  return errorAt(part.faults, part.at + name) === null ? null : <FieldErrors part={part} name={name} />;
}

/** What every input of Mantine's takes of a field. */
export function inputProps({ part, name, label, description }: EntryProps) {
  return {
    label,
    description,
    error: errorsOf(part, name),
    "data-field": part.at + name,
  };
}

/** An input whose text is written as it is typed; an empty one is no field. */
export function textProps(props: EntryProps) {
  return {
    ...inputProps(props),
    value: textAt(props.part.value, props.name),
    autoComplete: "off",
    spellCheck: false,
  };
}
