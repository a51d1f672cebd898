import { createRoute } from "@tanstack/react-router";
import { z } from "zod/mini";
import { versionsQuery } from "../nouns/definition/versions";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";
import { left } from "./search";

const search = z.object({
  /** Which is shown; the newest without. */
  version: left(z.int().check(z.gte(1))),
  /** What it is compared with: 0 for nothing; the one before without. */
  against: left(z.int().check(z.gte(0))),
});

/** Also of what was deleted: its versions stay, and can be restored. */
export const actionVersions = createRoute({
  path: "/actions/$name/versions",
  getParentRoute: () => signedIn,
  validateSearch: search,
  loader: ({ context, params }) => context.queries.ensureInfiniteQueryData(versionsQuery("actions", params.name)),
  component: lazyPage(() => import("../pages/versions/VersionsPage"), "ActionVersionsPage"),
});

export const providerVersions = createRoute({
  path: "/providers/$name/versions",
  getParentRoute: () => signedIn,
  validateSearch: search,
  loader: ({ context, params }) => context.queries.ensureInfiniteQueryData(versionsQuery("providers", params.name)),
  component: lazyPage(() => import("../pages/versions/VersionsPage"), "ProviderVersionsPage"),
});

export const scheduleVersions = createRoute({
  path: "/schedules/$name/versions",
  getParentRoute: () => signedIn,
  validateSearch: search,
  loader: ({ context, params }) => context.queries.ensureInfiniteQueryData(versionsQuery("schedules", params.name)),
  component: lazyPage(() => import("../pages/versions/VersionsPage"), "ScheduleVersionsPage"),
});

export const windowVersions = createRoute({
  path: "/maintenance-windows/$name/versions",
  getParentRoute: () => signedIn,
  validateSearch: search,
  loader: ({ context, params }) =>
    context.queries.ensureInfiniteQueryData(versionsQuery("maintenance-windows", params.name)),
  component: lazyPage(() => import("../pages/versions/VersionsPage"), "WindowVersionsPage"),
});

export const channelVersions = createRoute({
  path: "/channels/$name/versions",
  getParentRoute: () => signedIn,
  validateSearch: search,
  loader: ({ context, params }) => context.queries.ensureInfiniteQueryData(versionsQuery("channels", params.name)),
  component: lazyPage(() => import("../pages/versions/VersionsPage"), "ChannelVersionsPage"),
});

export const ruleVersions = createRoute({
  path: "/alert-rules/$name/versions",
  getParentRoute: () => signedIn,
  validateSearch: search,
  loader: ({ context, params }) => context.queries.ensureInfiniteQueryData(versionsQuery("alert-rules", params.name)),
  component: lazyPage(() => import("../pages/versions/VersionsPage"), "RuleVersionsPage"),
});

export const integrationVersions = createRoute({
  path: "/integrations/$name/versions",
  getParentRoute: () => signedIn,
  validateSearch: search,
  loader: ({ context, params }) => context.queries.ensureInfiniteQueryData(versionsQuery("integrations", params.name)),
  component: lazyPage(() => import("../pages/versions/VersionsPage"), "IntegrationVersionsPage"),
});
