import { createRoute } from "@tanstack/react-router";
import { z } from "zod/mini";
import { providersQuery } from "../nouns/provider/queries";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";
import { left, text } from "./search";

const search = z.object({ show: left(z.enum(["groups", "pools"])), text: left(text) });

export const providers = createRoute({
  path: "/providers",
  getParentRoute: () => signedIn,
  validateSearch: search,
  loader: ({ context }) => void context.queries.prefetchInfiniteQuery(providersQuery),
  component: lazyPage(() => import("../pages/providers/ProvidersPage"), "ProvidersPage"),
});
