import { type JsonObject, listAt, textAt, valueAt } from "../../definition-form/json";
import type { Offer } from "../../editor/completion";

/** What the command of a step may name between double braces: parameters, and what earlier steps leave behind. */
export function offersOf(definition: JsonObject, step: number): Offer[] {
  const parameters = listAt(definition, "parameters")
    .filter((parameter) => textAt(parameter, "name") !== "")
    .map((parameter) => ({
      name: textAt(parameter, "name"),
      about: [textAt(parameter, "type") || "string", textAt(parameter, "title")]
        .filter((part) => part !== "")
        .join(" · "),
    }));
  const earlier = listAt(definition, "steps")
    .slice(0, step)
    .filter((one) => textAt(one, "name") !== "");
  const captures = earlier.flatMap((one): Offer[] => {
    const [name, capture] = [textAt(one, "name"), textAt(one, "capture")];
    const output = { name: `steps.${name}.output`, about: "all that it printed" };
    return capture === "" ? [output] : [{ name: `steps.${name}.captured`, about: ABOUT[capture] ?? capture }, output];
  });
  return [...parameters, ...captures];
}

const ABOUT: Readonly<Record<string, string>> = {
  last_line: "its last line",
  output: "all that it printed",
  json: "the JSON that it printed; .FIELD for a part",
};

const PLACEHOLDER = /(?<!\\)(?:\\\\)*\{\{[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*\}\}/g;

/** The names between double braces of a text that no parameter has: each could be one. */
export function unknownNames(definition: JsonObject, text: string): string[] {
  const known = new Set(listAt(definition, "parameters").map((parameter) => textAt(parameter, "name")));
  return [...new Set(Array.from(text.matchAll(PLACEHOLDER), ([, name = ""]) => name))].filter(
    (name) => !known.has(name),
  );
}

/** The parameters whose values are providers, as a step names them. */
export function providerParameters(definition: JsonObject): string[] {
  return listAt(definition, "parameters")
    .filter((parameter) => valueAt(parameter, "type") === "provider" && textAt(parameter, "name") !== "")
    .map((parameter) => `{{ ${textAt(parameter, "name")} }}`);
}

/** What was probably meant by a name that nothing has: one that differs by a letter or two. */
export function nearOffers(name: string, offers: readonly Offer[]): string[] {
  // Of two letters one is half of it.
  const most = name.length < 3 ? 0 : name.length < 4 ? 1 : 2;
  const near = offers.map((offer) => ({ name: offer.name, away: distance(name, offer.name, most) }));
  return near
    .filter(({ away }) => away <= most)
    .sort((one, other) => one.away - other.away)
    .slice(0, 1)
    .map((found) => found.name);
}

/** The text with another name between the same braces. */
export function withName(text: string, name: string, other: string): string {
  return text.replaceAll(PLACEHOLDER, (whole, found: string) => (found === name ? whole.replace(name, other) : whole));
}

/** How many letters have to be changed, added or left out to make one text of the other; where that is more, more than most. */
function distance(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) {
    return most + 1;
  }
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1];
    for (const [index, otherLetter] of [...other].entries()) {
      const [beside = 0, above = 0, before = 0] = [row[index], row[index + 1], next[index]];
      next.push(Math.min(above + 1, before + 1, beside + (letter === otherLetter ? 0 : 1)));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
