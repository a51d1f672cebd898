import { createRoute } from "@tanstack/react-router";
import { z } from "zod/mini";
import { preloadEditor } from "../editor/LazyEditor";
import { templateTextQuery } from "../nouns/template/queries";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";
import { left, text } from "./search";

/** How the action is written: as YAML, or by fields without. */
const view = left(z.literal("yaml"));

const search = z.object({
  view,
  /** What the new action begins with: a template, or another action. */
  template: left(text),
  copy: left(text),
});

/** A definition's name has a letter or a digit first, so this is no action's. */
export const newAction = createRoute({
  path: "/actions/+new",
  getParentRoute: () => signedIn,
  validateSearch: search,
  loaderDeps: ({ search: { template } }) => ({ template }),
  loader: async ({ context, deps: { template } }) => {
    preloadEditor();
    if (template !== undefined) {
      await context.queries.ensureQueryData(templateTextQuery(template));
    }
  },
  component: lazyPage(() => import("../pages/action-form/NewActionPage"), "NewActionPage"),
});

export const editAction = createRoute({
  path: "/actions/$name/edit",
  getParentRoute: () => signedIn,
  validateSearch: z.object({ view }),
  loader: preloadEditor,
  component: lazyPage(() => import("../pages/action-form/EditActionPage"), "EditActionPage"),
});
