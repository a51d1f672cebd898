import { z } from "zod/mini";

/** A field of an address: left out where it cannot be so, as an address of which half was sent shows its page all the same. */
export function left<Schema extends z.ZodMiniType>(schema: Schema) {
  return z.catch(z.optional(schema), undefined);
}
