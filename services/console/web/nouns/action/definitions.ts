import { keepPreviousData, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { client, type Schemas } from "../../api/client";
import { type Action, actionQuery, useActionsChanged } from "./queries";

/** A definition as somebody would write it, with the version that it is. */
export interface DefinitionText {
  text: string;
  version: number;
}

/** An action as YAML, without what goes without saying. */
export function definitionTextQuery(name: string) {
  return queryOptions({
    queryKey: ["get", "/api/v1/actions/{name}", "yaml", name],
    queryFn: async (): Promise<DefinitionText> => {
      const { data, response } = await client.GET("/api/v1/actions/{name}", {
        params: { path: { name }, header: { accept: "application/yaml" } },
        parseAs: "text",
      });
      return { text: data ?? "", version: Number(response.headers.get("ETag")?.replaceAll('"', "")) };
    },
    // Whoever writes in a form goes on with what they have read.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

/** An action as it is now, for whoever begins to write over it; nothing until that is read, however much is known. */
export function useTextOfNow(name: string): DefinitionText | undefined {
  const query = useQuery({ ...definitionTextQuery(name), refetchOnMount: "always", throwOnError: true });
  return query.isFetchedAfterMount ? query.data : undefined;
}

/** What would become of definitions of actions, given as a list in JSON, if they were saved so; nothing is. The answer has what was asked. */
export function trialQuery(text: string) {
  return queryOptions({
    queryKey: ["post", "/api/v1/definitions/plan", text],
    queryFn: async ({ signal }) => {
      const definitions: Schemas["DefinitionSetBody"]["definitions"] = JSON.parse(text);
      const { data } = await client.POST("/api/v1/definitions/plan", {
        body: {
          definitions: definitions.map((one) => ({ ...one, kind: "action" })),
          remove: [],
          file_set: "",
          adopt: false,
        },
        signal,
      });
      return { text, items: data?.items ?? [] };
    },
    placeholderData: keepPreviousData,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

interface Saving {
  /** The definition as JSON. */
  text: string;
  /** The action that is changed, whose version has to be the newest; null for a new one. */
  over: { name: string; version: number } | null;
  /** Why, for whoever reads the versions later. */
  note: string;
}

/** Store an action as a new version. What it cannot be is for the server to say, so it goes as it was written. */
export function useSaveAction() {
  const queries = useQueryClient();
  const changed = useActionsChanged();
  return useMutation({
    mutationFn: async ({ text, over, note }: Saving): Promise<Action | undefined> => {
      const body: Schemas["ActionBody"] = JSON.parse(text);
      const query = note === "" ? {} : { note };
      const { data } =
        over === null
          ? await client.POST("/api/v1/actions", { params: { query }, body })
          : await client.PUT("/api/v1/actions/{name}", {
              params: { path: { name: over.name }, query, header: { "if-match": `"${over.version}"` } },
              body,
            });
      return data;
    },
    onSuccess: async (action) => {
      if (action !== undefined) {
        queries.setQueryData(actionQuery(action.name).queryKey, action);
      }
      await changed();
    },
  });
}
