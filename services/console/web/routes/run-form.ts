import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { actionQuery } from "../nouns/action/queries";
import { signedIn } from "./root";

export const runForm = createRoute({
  path: "/actions/$name/run",
  getParentRoute: () => signedIn,
  loader: ({ context, params }) => context.queries.ensureQueryData(actionQuery(params.name)),
  component: lazyRouteComponent(() => import("../pages/run-form/RunFormPage"), "RunFormPage"),
});
