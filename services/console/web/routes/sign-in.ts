import { createRoute } from "@tanstack/react-router";
import { z } from "zod/mini";
import { lazyPage } from "./lazyPage";
import { root } from "./root";
import { left } from "./search";

const search = z.object({ next: left(z.string()) });

export const signIn = createRoute({
  path: "/sign-in",
  getParentRoute: () => root,
  validateSearch: search,
  component: lazyPage(() => import("../pages/sign-in/SignInPage"), "SignInPage"),
});
