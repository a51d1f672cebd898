import { createRoute, redirect } from "@tanstack/react-router";
import { z } from "zod/mini";
import { alertRuleQuery } from "../nouns/alert-rule/queries";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";
import { left, text } from "./search";

/** How it is written: as YAML, or by fields without. */
const view = left(z.literal("yaml"));

/** A definition's name has a letter or a digit first, so this is no rule's. */
export const newRule = createRoute({
  path: "/alert-rules/+new",
  getParentRoute: () => signedIn,
  validateSearch: z.object({
    view,
    /** That it is made of: an alert's id. */
    alert: left(text),
  }),
  component: lazyPage(() => import("../pages/rule-form/NewRulePage"), "NewRulePage"),
});

/** One that an action owns is changed with the action. */
export const rule = createRoute({
  path: "/alert-rules/$name",
  getParentRoute: () => signedIn,
  validateSearch: z.object({ view }),
  loader: async ({ context, params }) => {
    const { owner } = await context.queries.ensureQueryData(alertRuleQuery(params.name));
    if (owner !== null) {
      throw redirect({ to: "/actions/$name/edit", params: { name: owner.name }, replace: true });
    }
  },
  component: lazyPage(() => import("../pages/rule-form/EditRulePage"), "EditRulePage"),
});
