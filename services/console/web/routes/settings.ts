import { createRoute } from "@tanstack/react-router";
import { z } from "zod/mini";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";
import { left } from "./search";

const search = z.object({
  /** Tokens without. */
  show: left(z.enum(["secrets", "master-keys"])),
});

export const settings = createRoute({
  path: "/settings",
  getParentRoute: () => signedIn,
  validateSearch: search,
  component: lazyPage(() => import("../pages/settings/SettingsPage"), "SettingsPage"),
});
