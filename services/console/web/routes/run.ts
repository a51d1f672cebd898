import { createRoute } from "@tanstack/react-router";
import { z } from "zod/mini";
import { runQuery } from "../nouns/run/queries";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";
import { left, text } from "./search";

const search = z.object({
  /** Whose output is shown: a step's, an attempt's of it, a provider's; all of it without. */
  step: left(text),
  attempt: left(z.int()),
  provider: left(text),
  find: left(text),
});

export type RunSearch = z.infer<typeof search>;

export const run = createRoute({
  path: "/runs/$runId",
  getParentRoute: () => signedIn,
  validateSearch: search,
  // Of the run before nothing stays: not whether its end was followed, nor where it was opened.
  remountDeps: ({ params }) => params,
  loader: ({ context, params }) => context.queries.ensureQueryData(runQuery(params.runId)),
  component: lazyPage(() => import("../pages/run/RunPage"), "RunPage"),
});
