import { createRoute } from "@tanstack/react-router";
import { providerQuery } from "../nouns/provider/queries";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";

/** A definition's name has a letter or a digit first, so these are no provider's. */
export const newProvider = createRoute({
  path: "/providers/+new",
  getParentRoute: () => signedIn,
  component: lazyPage(() => import("../pages/provider/NewProviderPage"), "NewProviderPage"),
});

export const importProviders = createRoute({
  path: "/providers/+import",
  getParentRoute: () => signedIn,
  component: lazyPage(() => import("../pages/import/ImportPage"), "ImportPage"),
});

export const provider = createRoute({
  path: "/providers/$name",
  getParentRoute: () => signedIn,
  loader: ({ context, params }) => context.queries.ensureQueryData(providerQuery(params.name)),
  component: lazyPage(() => import("../pages/provider/ProviderPage"), "ProviderPage"),
});
