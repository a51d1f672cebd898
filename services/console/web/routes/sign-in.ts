import { createRoute } from "@tanstack/react-router";
import { z } from "zod/mini";
import { lazyPage } from "./lazyPage";
import { root } from "./root";
import { left } from "./search";

const search = z.object({
  /** Where to go on. */
  next: left(z.string()),
  /** The person was signed in, until now. */
  ended: left(z.literal(true)),
});

export const signIn = createRoute({
  path: "/sign-in",
  getParentRoute: () => root,
  validateSearch: search,
  component: lazyPage(() => import("../pages/sign-in/SignInPage"), "SignInPage"),
});
