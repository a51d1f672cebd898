import { createRoute } from "@tanstack/react-router";
import { z } from "zod/mini";
import { quickAccessQuery } from "../nouns/action/favourites";
import { runningRunsQuery } from "../nouns/run/running";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";
import { left } from "./search";

const search = z.object({
  /** Whose statistics are shown; thirty without. */
  days: left(z.union([z.literal(7), z.literal(90)])),
});

export const index = createRoute({
  path: "/",
  getParentRoute: () => signedIn,
  validateSearch: search,
  loader: ({ context }) => {
    void context.queries.prefetchQuery(quickAccessQuery);
    void context.queries.prefetchQuery(runningRunsQuery);
  },
  component: lazyPage(() => import("../pages/dashboard/DashboardPage"), "DashboardPage"),
});
