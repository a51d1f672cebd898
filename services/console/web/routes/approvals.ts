import { createRoute } from "@tanstack/react-router";
import { approvalsQuery } from "../nouns/approval/queries";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";

export const approvals = createRoute({
  path: "/approvals",
  getParentRoute: () => signedIn,
  loader: ({ context }) => void context.queries.prefetchInfiniteQuery(approvalsQuery),
  component: lazyPage(() => import("../pages/approvals/ApprovalsPage"), "ApprovalsPage"),
});
