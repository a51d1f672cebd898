import { createRoute } from "@tanstack/react-router";
import { z } from "zod/mini";
import { runsQuery } from "../nouns/run/queries";
import { RUN_STATES } from "../nouns/run/states";
import { lazyPage } from "./lazyPage";
import { signedIn } from "./root";
import { left, text } from "./search";

/** One, or several. */
const state = z.enum(RUN_STATES);

const search = z.object({
  action: left(text),
  state: left(
    z.union([
      z.array(state),
      z.pipe(
        state,
        z.transform((one) => [one]),
      ),
    ]),
  ),
  trigger: left(z.enum(["manual", "schedule", "alert", "api"])),
  provider: left(text),
  by: left(text),
  text: left(text),
  since: left(z.iso.datetime({ offset: true })),
  until: left(z.iso.datetime({ offset: true })),
});

export const runs = createRoute({
  path: "/runs",
  getParentRoute: () => signedIn,
  validateSearch: search,
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => void context.queries.prefetchInfiniteQuery(runsQuery(deps)),
  component: lazyPage(() => import("../pages/runs/RunsPage"), "RunsPage"),
});
