import createFetchClient, { type Middleware } from "openapi-fetch";
import createQueryClient from "openapi-react-query";
import type { components, paths } from "../../types/api";
import { noAnswer, problemOf } from "./problem";

export type Schemas = components["schemas"];

/** Every answer but a success is thrown as a `Problem`, so that no page has to look. */
const problems: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) {
      throw await problemOf(response);
    }
  },
  onError() {
    return noAnswer();
  },
};

export const client = createFetchClient<paths>({ baseUrl: window.location.origin, credentials: "same-origin" });
client.use(problems);

export const api = createQueryClient(client);
