import { queryOptions } from "@tanstack/react-query";
import { client, type Schemas } from "../../api/client";

const PAGE = 200;
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
  queryFn: readAll,
  staleTime: 60_000,
});

async function readAll(): Promise<SuggestedProvider[]> {
  const found: SuggestedProvider[] = [];
  let cursor: string | undefined;
  do {
    const { data } = await client.GET("/api/v1/providers", { params: { query: { limit: PAGE, cursor } } });
    found.push(
      ...(data?.items ?? []).map((provider) => ({
        name: provider.name,
        about: aboutOf(provider),
        labels: labelsOf(provider),
      })),
    );
    cursor = data?.next ?? undefined;
  } while (cursor !== undefined && found.length < MOST);
  return found;
}

function aboutOf(provider: Schemas["Provider"]): string {
  const { description, connection } = provider;
  const place = connection.ssh === undefined || connection.ssh === null ? "" : connection.ssh.host;
  return [description, place, labelsOf(provider).join(" ")].filter((part) => part !== "").join(" · ");
}

function labelsOf({ labels }: Schemas["Provider"]): string[] {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`);
}
