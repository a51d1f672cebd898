import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { actionQuery } from "../nouns/action/queries";
import { signedIn } from "./root";

export const action = createRoute({
  path: "/actions/$name",
  getParentRoute: () => signedIn,
  loader: ({ context, params }) => context.queries.ensureQueryData(actionQuery(params.name)),
  component: lazyRouteComponent(() => import("../pages/action/ActionPage"), "ActionPage"),
});
