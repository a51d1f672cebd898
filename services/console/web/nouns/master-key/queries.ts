import { api } from "../../api/client";

export const masterKeysQuery = api.queryOptions("get", "/api/v1/master-keys");
