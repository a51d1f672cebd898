import { isObject, type JsonObject, listAt, textAt, textsAt } from "../../definition-form/json";
import type { Parameter } from "../../parameters/drafts";
import { typeOf } from "./parameterTypes";

/** The parameters that an action asks for as it stands there, those without a name left out. */
export function parametersIn(definition: JsonObject): Parameter[] {
  return listAt(definition, "parameters").flatMap((one): Parameter[] => {
    const name = textAt(one, "name");
    if (!isObject(one) || name === "") {
      return [];
    }
    const given = one.default;
    const isPlain = typeof given === "string" || typeof given === "number" || typeof given === "boolean";
    return [
      {
        name,
        type: typeOf(one),
        title: textAt(one, "title"),
        description: textAt(one, "description"),
        required: one.required === true,
        leading_dash: one.leading_dash === true,
        code: one.code === true,
        options: textsAt(one, "options"),
        ...(isPlain ? { default: given } : {}),
      },
    ];
  });
}
