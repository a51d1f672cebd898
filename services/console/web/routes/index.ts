import { createRoute, redirect } from "@tanstack/react-router";
import { signedIn } from "./root";

export const index = createRoute({
  path: "/",
  getParentRoute: () => signedIn,
  beforeLoad: () => {
    throw redirect({ to: "/runs" });
  },
});
