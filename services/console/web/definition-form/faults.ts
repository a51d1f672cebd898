import type { Schemas } from "../api/client";
import type { Place } from "../editor/places";
import { type Json, type JsonObject, valueAt } from "./json";

/** What the server says of a field: that it cannot be so, or that it may not do what is meant. */
export interface Fault {
  field: string;
  message: string;
  isWarning: boolean;
  fixes: readonly Fix[];
}

export type Fix = NonNullable<Schemas["FieldError"]["fixes"]>[number];

export const NO_FAULTS: readonly Fault[] = [];

export function faultsOf(
  errors: readonly Schemas["FieldError"][],
  warnings: readonly Schemas["FieldWarning"][] = [],
): Fault[] {
  return [
    ...errors.map(({ field, message, fixes = [] }) => ({ field, message, fixes, isWarning: false })),
    ...warnings.map(({ field, message }) => ({ field, message, fixes: [], isWarning: true })),
  ];
}

/** Those to be shown while somebody still writes: what nobody has begun is no fault until they want to save. */
export function shownFaults(faults: readonly Fault[], definition: JsonObject, hasTriedToSave: boolean): Fault[] {
  return hasTriedToSave ? [...faults] : faults.filter(({ field }) => isBegun(definition, field));
}

function isBegun(definition: JsonObject, field: string): boolean {
  const value = valueAt(definition, field);
  // A key of a map, such as a variable's name, may itself be what is wrong.
  return value === undefined ? /^steps\.\d+\.environment\./.test(field) : !isEmpty(value);
}

/** Whether nothing is said in it, as in a list without entries. */
function isEmpty(value: Json): boolean {
  return value === null || value === "" || (typeof value === "object" && Object.values(value).every(isEmpty));
}

/** Those of one entry of a list, such as `steps.2`. */
export function faultsWithin(faults: readonly Fault[], entry: string): Fault[] {
  return faults.filter(({ field }) => isWithin(field, entry));
}

/** What is wrong with a field, or with something in it. */
export function errorsAt(faults: readonly Fault[], field: string): Fault[] {
  return faults.filter((fault) => !fault.isWarning && isWithin(fault.field, field));
}

/** The same as one text; null where nothing is. */
export function errorAt(faults: readonly Fault[], field: string): string | null {
  const found = errorsAt(faults, field);
  return found.length === 0 ? null : found.map(({ message }) => message).join("; ");
}

/** What no field of a form shows: what has none, and warnings, which only a command shows at their places. */
export function unplaced(faults: readonly Fault[], before: string, fields: readonly string[]): Fault[] {
  return faults.filter(({ field, isWarning }) =>
    isWarning ? !COMMAND.test(field) : !fields.some((shown) => isWithin(field, before + shown)),
  );
}

const COMMAND = /^steps\.\d+\.command$/;

function isWithin(field: string, whole: string): boolean {
  return field === whole || field.startsWith(`${whole}.`);
}

const PLACE = /^line (\d+), column (\d+): /;

/** Where in the text of its field a fault begins, and what it says. */
export function placed(message: string): { place: Place | null; text: string } {
  const found = PLACE.exec(message);
  return found === null
    ? { place: null, text: message }
    : { place: { line: Number(found[1]), column: Number(found[2]) }, text: message.slice(found[0].length) };
}

export function countText(count: number): string {
  return count === 1 ? "1 thing to mend" : `${count} things to mend`;
}
