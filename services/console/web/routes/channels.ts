import { createRoute } from "@tanstack/react-router";
import { z } from "zod/mini";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";
import { left } from "./search";

/** How it is written: as YAML, or by fields without. */
const search = z.object({ view: left(z.literal("yaml")) });

/** A definition's name has a letter or a digit first, so this is no channel's. */
export const newChannel = createRoute({
  path: "/channels/+new",
  getParentRoute: () => signedIn,
  validateSearch: search,
  component: lazyPage(() => import("../pages/channel-form/NewChannelPage"), "NewChannelPage"),
});

export const channel = createRoute({
  path: "/channels/$name",
  getParentRoute: () => signedIn,
  validateSearch: search,
  component: lazyPage(() => import("../pages/channel-form/EditChannelPage"), "EditChannelPage"),
});
