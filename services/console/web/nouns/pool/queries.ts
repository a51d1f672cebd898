import { api, type Schemas } from "../../api/client";

export type Pool = Schemas["Pool"];

const LOOK_EVERY = 5_000;

export const poolsQuery = { ...api.queryOptions("get", "/api/v1/pools"), refetchInterval: LOOK_EVERY };
