import { createRoute, redirect } from "@tanstack/react-router";
import { z } from "zod/mini";
import { scheduleQuery } from "../nouns/schedule/queries";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";
import { left, text } from "./search";

const search = z.object({
  /** Schedules without. */
  show: left(z.enum(["windows", "calendar"])),
  /** Of the calendar: a month without. */
  period: left(z.literal("week")),
  /** Of the calendar: a day of what is shown, today's without; and whose clocks count, this browser's without. */
  day: left(z.iso.date()),
  zone: left(text),
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

/** How it is written: as YAML, or by fields without. */
const view = left(z.literal("yaml"));

/** A definition's name has a letter or a digit first, so this is no schedule's. */
export const newSchedule = createRoute({
  path: "/schedules/+new",
  getParentRoute: () => signedIn,
  validateSearch: z.object({
    view,
    /** What it runs. */
    action: left(text),
  }),
  component: lazyPage(() => import("../pages/schedule-form/NewSchedulePage"), "NewSchedulePage"),
});

export const editSchedule = createRoute({
  path: "/schedules/$name/edit",
  getParentRoute: () => signedIn,
  validateSearch: z.object({ view }),
  loader: async ({ context, params }) => {
    const { owner } = await context.queries.ensureQueryData(scheduleQuery(params.name));
    if (owner !== null) {
      throw redirect({ to: "/actions/$name/edit", params: { name: owner.name }, replace: true });
    }
  },
  component: lazyPage(() => import("../pages/schedule-form/EditSchedulePage"), "EditSchedulePage"),
});
