import type { Schemas } from "../api/client";

type Planned = Schemas["PlannedDefinition"];

/** What is said of what was tried: of both, each thing once. */
export function toldOf(planned: readonly Planned[]): Pick<Planned, "errors" | "warnings"> {
  const told = new Map(
    planned.flatMap(({ errors }) => errors).map((error) => [`${error.field} ${error.message}`, error]),
  );
  return { errors: [...told.values()], warnings: planned.at(-1)?.warnings ?? [] };
}
