import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { templateQuery, templatesQuery } from "../nouns/template/queries";
import { signedIn } from "./root";

export const templates = createRoute({
  path: "/templates",
  getParentRoute: () => signedIn,
  loader: ({ context }) => void context.queries.prefetchQuery(templatesQuery),
  component: lazyRouteComponent(() => import("../pages/templates/TemplatesPage"), "TemplatesPage"),
});

export const template = createRoute({
  path: "/templates/$name",
  getParentRoute: () => signedIn,
  loader: ({ context, params }) => context.queries.ensureQueryData(templateQuery(params.name)),
  component: lazyRouteComponent(() => import("../pages/template/TemplatePage"), "TemplatePage"),
});
