import { createRoute } from "@tanstack/react-router";
import { z } from "zod/mini";
import { scheduleQuery } from "../nouns/schedule/queries";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";
import { left } from "./search";

const search = z.object({
  /** Schedules without. */
  show: left(z.literal("windows")),
});

export const schedules = createRoute({
  path: "/schedules",
  getParentRoute: () => signedIn,
  validateSearch: search,
  component: lazyPage(() => import("../pages/schedules/SchedulesPage"), "SchedulesPage"),
});

export const schedule = createRoute({
  path: "/schedules/$name",
  getParentRoute: () => signedIn,
  loader: ({ context, params }) => context.queries.ensureQueryData(scheduleQuery(params.name)),
  component: lazyPage(() => import("../pages/schedule/SchedulePage"), "SchedulePage"),
});
