import { z } from "zod/mini";
import { ACTION_SORTS, LAST_OUTCOMES } from "../nouns/action/filters";
import { left, text } from "./search";

/** What the address of a list of actions says of which are shown, and how. */
export const actionsSearch = z.object({
  category: left(text),
  tag: left(text),
  text: left(text),
  favourite: left(z.boolean()),
  last_outcome: left(z.enum(LAST_OUTCOMES)),
  sort: left(z.enum(ACTION_SORTS)),
});
