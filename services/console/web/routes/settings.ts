import { createRoute } from "@tanstack/react-router";
import { z } from "zod/mini";
import { NOTIFICATION_STATES } from "../nouns/notification/states";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";
import { left, text } from "./search";

const search = z.object({
  /** Tokens without. */
  show: left(z.enum(["secrets", "master-keys", "channels", "notifications", "integrations", "audit", "retention"])),
  /** Of the audit: what of it is shown. */
  principal: left(text),
  kind: left(text),
  name: left(text),
  since: left(z.iso.datetime({ offset: true })),
  until: left(z.iso.datetime({ offset: true })),
  /** Of the notifications: which of them are shown. */
  channel: left(text),
  state: left(z.enum(NOTIFICATION_STATES)),
});

export const settings = createRoute({
  path: "/settings",
  getParentRoute: () => signedIn,
  validateSearch: search,
  component: lazyPage(() => import("../pages/settings/SettingsPage"), "SettingsPage"),
});
