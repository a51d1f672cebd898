import { createRoute } from "@tanstack/react-router";
import { actionsQuery, categoriesQuery } from "../nouns/action/queries";
import { actionsSearch } from "./actions-search";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";

export const actions = createRoute({
  path: "/actions",
  getParentRoute: () => signedIn,
  validateSearch: actionsSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => {
    void context.queries.prefetchInfiniteQuery(actionsQuery(deps));
    void context.queries.prefetchQuery(categoriesQuery);
  },
  component: lazyPage(() => import("../pages/actions/ActionsPage"), "ActionsPage"),
});
