import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, client, type Schemas } from "../../api/client";
import { pagedQuery } from "../../api/paging";

export type Provider = Schemas["Provider"];
export type ProviderBody = Schemas["ProviderBody"];
export type ProviderTest = Schemas["ProviderTestReport"];

const PAGE = 100;
const ALL_PROVIDERS = ["get", "/api/v1/providers"] as const;

export const providersQuery = pagedQuery([...ALL_PROVIDERS, "pages"], async (cursor) => {
  const { data } = await client.GET("/api/v1/providers", { params: { query: { limit: PAGE, cursor } } });
  return data ?? { items: [], next: null };
});

export function providerQuery(name: string) {
  return api.queryOptions("get", "/api/v1/providers/{name}", { params: { path: { name } } });
}

export const groupsQuery = pagedQuery(["get", "/api/v1/provider-groups", "pages"], async (cursor) => {
  const { data } = await client.GET("/api/v1/provider-groups", { params: { query: { limit: PAGE, cursor } } });
  return data ?? { items: [], next: null };
});

function useProvidersChanged() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ALL_PROVIDERS });
}

/** Store a provider: a new one, or a change of the version that was read, which nobody may have changed meanwhile. */
export function useSaveProvider(version: number | null) {
  const queries = useQueryClient();
  const changed = useProvidersChanged();
  return useMutation({
    mutationFn: (body: ProviderBody) =>
      version === null
        ? client.POST("/api/v1/providers", { body })
        : client.PUT("/api/v1/providers/{name}", {
            params: { path: { name: body.name }, header: { "if-match": `"${version}"` } },
            body,
          }),
    onSuccess: async ({ data }) => {
      if (data !== undefined) {
        queries.setQueryData(providerQuery(data.name).queryKey, data);
      }
      await changed();
    },
  });
}

export function useDeleteProvider(name: string) {
  const changed = useProvidersChanged();
  return useMutation({
    mutationFn: () => client.DELETE("/api/v1/providers/{name}", { params: { path: { name } } }),
    onSuccess: changed,
  });
}

/** Connect to it and run a command that does nothing; the answer says in words what was found. */
export function useTestProvider(name: string) {
  return useMutation({
    mutationFn: () => client.POST("/api/v1/providers/{name}/test", { params: { path: { name } } }),
  });
}
