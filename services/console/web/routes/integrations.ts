import { createRoute } from "@tanstack/react-router";
import { z } from "zod/mini";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";
import { left } from "./search";

/** How it is written: as YAML, or by fields without. */
const search = z.object({ view: left(z.literal("yaml")) });

/** A definition's name has a letter or a digit first, so this is no integration's. */
export const newIntegration = createRoute({
  path: "/integrations/+new",
  getParentRoute: () => signedIn,
  validateSearch: search,
  component: lazyPage(() => import("../pages/integration-form/NewIntegrationPage"), "NewIntegrationPage"),
});

export const integration = createRoute({
  path: "/integrations/$name",
  getParentRoute: () => signedIn,
  validateSearch: search,
  component: lazyPage(() => import("../pages/integration-form/EditIntegrationPage"), "EditIntegrationPage"),
});
