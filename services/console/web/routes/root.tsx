import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, redirect } from "@tanstack/react-router";
import { asProblem } from "../api/problem";
import { sessionQuery } from "../nouns/session/queries";
import { Shell } from "../shell/Shell";
import { typedBy } from "../ui/typed";

export const root = createRootRouteWithContext<{ queries: QueryClient }>()({});

/** Every page but the one that signs in: whoever is not signed in is led there, and back. */
export const signedIn = createRoute({
  id: "signed-in",
  getParentRoute: () => root,
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      typedBy((await context.queries.ensureQueryData(sessionQuery)).name);
    } catch (error) {
      if (asProblem(error).status === 401) {
        throw redirect({ to: "/sign-in", search: { next: location.href } });
      }
      throw error;
    }
  },
});
