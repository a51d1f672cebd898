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

/** Where an answer can be had in several forms, such as YAML, it is read as JSON. */
export const client = createFetchClient<paths, "application/json">({
  baseUrl: window.location.origin,
  credentials: "same-origin",
});
client.use(problems);

export const api = createQueryClient(client);
