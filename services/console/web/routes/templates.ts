import { createRoute } from "@tanstack/react-router";
import { templateQuery, templatesQuery } from "../nouns/template/queries";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";

export const templates = createRoute({
  path: "/templates",
  getParentRoute: () => signedIn,
  loader: ({ context }) => void context.queries.prefetchQuery(templatesQuery),
  component: lazyPage(() => import("../pages/templates/TemplatesPage"), "TemplatesPage"),
});

export const template = createRoute({
  path: "/templates/$name",
  getParentRoute: () => signedIn,
  loader: ({ context, params }) => context.queries.ensureQueryData(templateQuery(params.name)),
  component: lazyPage(() => import("../pages/template/TemplatePage"), "TemplatePage"),
});
