import { hasDefault, isEmptyTextMeant, type Parameter } from "./drafts";

/** What is said of a parameter below its name: what it is for, what it may be, and what it is where it is left empty. */
export function hintOf(parameter: Parameter): string {
  return [
    parameter.description.trim(),
    boundsOf(parameter),
    codeOf(parameter),
    emptyOf(parameter),
    patternOf(parameter),
  ]
    .filter((part) => part !== "")
    .map((part, index, { length }) => (index < length - 1 && !ENDED.test(part) ? `${part}.` : part))
    .join(" ");
}

/** What people describe need not end with a full stop; what is said next is a sentence of its own all the same. */
const ENDED = /[^\p{L}\p{N})\]"'`]$/u;

function boundsOf({ minimum, maximum }: Parameter): string {
  const least = minimum ?? null;
  const most = maximum ?? null;
  if (least !== null && most !== null) {
    return `From ${least} to ${most}.`;
  }
  return least !== null ? `At least ${least}.` : most !== null ? `At most ${most}.` : "";
}

/** The last to be said: a full stop behind a pattern would be read as part of it. */
function patternOf({ pattern }: Parameter): string {
  return pattern === undefined || pattern === null ? "" : `Has to match ${pattern}`;
}

function codeOf({ code }: Parameter): string {
  return code ? "What is given here is run as code." : "";
}

function emptyOf(parameter: Parameter): string {
  return hasDefault(parameter) && parameter.type !== "boolean" && !isEmptyTextMeant(parameter)
    ? `Left empty it is ${String(parameter.default)}.`
    : "";
}
