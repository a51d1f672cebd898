import { createRoute } from "@tanstack/react-router";
import { actionQuery } from "../nouns/action/queries";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";

export const action = createRoute({
  path: "/actions/$name",
  getParentRoute: () => signedIn,
  loader: ({ context, params }) => context.queries.ensureQueryData(actionQuery(params.name)),
  component: lazyPage(() => import("../pages/action/ActionPage"), "ActionPage"),
});
