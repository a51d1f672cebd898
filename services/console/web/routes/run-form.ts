import { createRoute } from "@tanstack/react-router";
import { z } from "zod/mini";
import { actionQuery } from "../nouns/action/queries";
import { runQuery } from "../nouns/run/queries";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";
import { left, text } from "./search";

const search = z.object({
  /** The id of a run that is done again, whose values the form begins with. */
  again: left(text),
});

export const runForm = createRoute({
  path: "/actions/$name/run",
  getParentRoute: () => signedIn,
  validateSearch: search,
  loaderDeps: ({ search: { again } }) => ({ again }),
  loader: async ({ context, params, deps: { again } }) => {
    await Promise.all([
      context.queries.ensureQueryData(actionQuery(params.name)),
      again === undefined ? null : context.queries.ensureQueryData(runQuery(again)),
    ]);
  },
  component: lazyPage(() => import("../pages/run-form/RunFormPage"), "RunFormPage"),
});
