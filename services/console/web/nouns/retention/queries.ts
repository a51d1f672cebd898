import { api } from "../../api/client";

const LOOK_EVERY = 30_000;

/** For how long what is kept, and what was deleted so far; null where no scheduler has looked yet. */
export const retentionQuery = {
  ...api.queryOptions("get", "/api/v1/retention"),
  refetchInterval: LOOK_EVERY,
};
