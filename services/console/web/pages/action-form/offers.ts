import type { Offer } from "../../editor/completion";
import { type JsonObject, listAt, textAt, valueAt } from "./json";

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
