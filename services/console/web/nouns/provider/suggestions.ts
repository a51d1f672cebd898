import { queryOptions } from "@tanstack/react-query";
import { client, type Schemas } from "../../api/client";
import { readAll } from "../../api/paging";

/** Of more providers nobody looks through a list; a name can still be typed. */
const MOST = 2_000;

export interface SuggestedProvider {
  name: string;
  about: string;
  /** As `role=web`. */
  labels: readonly string[];
}

/** The providers that there are, for a field that takes the name of one. */
export const suggestedProvidersQuery = queryOptions({
  queryKey: ["get", "/api/v1/providers", "suggestions"],
  queryFn: async (): Promise<SuggestedProvider[]> => {
    const providers = await readAll(MOST, async (query) => (await client.GET("/api/v1/providers", query)).data);
    return providers.map((one) => ({ name: one.name, about: aboutOf(one), labels: labelsOf(one) }));
  },
  staleTime: 60_000,
});

function aboutOf(provider: Schemas["Provider"]): string {
  const { description, connection } = provider;
  const place = connection.ssh === undefined || connection.ssh === null ? "" : connection.ssh.host;
  return [description, place, labelsOf(provider).join(" ")].filter((part) => part !== "").join(" · ");
}

function labelsOf({ labels }: Schemas["Provider"]): string[] {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`);
}
