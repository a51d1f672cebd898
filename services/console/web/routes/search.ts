import { z } from "zod/mini";

/** A field of an address: left out where it cannot be so, as an address of which half was sent shows its page all the same. */
export function left<Schema extends z.ZodMiniType>(schema: Schema) {
  return z.catch(z.optional(schema), undefined);
}

/** A text of an address: one that somebody typed there and that reads as a number, or as true, is a text all the same. */
export const text = z.pipe(
  z.union([z.string(), z.number(), z.boolean()]),
  z.transform((value) => String(value)),
);
