import { createRoute } from "@tanstack/react-router";
import { z } from "zod/mini";
import { alertQuery, alertsQuery } from "../nouns/alert/queries";
import { ALERT_SOURCES } from "../nouns/alert/sources";
import { ALERT_STATUSES } from "../nouns/alert/statuses";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";
import { left, text } from "./search";

const search = z.object({
  /** Alerts without. */
  show: left(z.enum(["rules", "posts"])),
  /** Of what was posted, also what was taken. */
  all: left(z.literal(true)),
  status: left(z.enum(ALERT_STATUSES)),
  source: left(z.enum(ALERT_SOURCES)),
  fingerprint: left(text),
  stale: left(z.literal(true)),
});

export const alerts = createRoute({
  path: "/alerts",
  getParentRoute: () => signedIn,
  validateSearch: search,
  loaderDeps: ({ search: { show, all, ...filters } }) => ({ show, filters }),
  loader: ({ context, deps: { show, filters } }) => {
    if (show === undefined) {
      void context.queries.prefetchInfiniteQuery(alertsQuery(filters));
    }
  },
  component: lazyPage(() => import("../pages/alerts/AlertsPage"), "AlertsPage"),
});

export const alert = createRoute({
  path: "/alerts/$alertId",
  getParentRoute: () => signedIn,
  loader: ({ context, params }) => context.queries.ensureQueryData(alertQuery(params.alertId)),
  component: lazyPage(() => import("../pages/alert/AlertPage"), "AlertPage"),
});
