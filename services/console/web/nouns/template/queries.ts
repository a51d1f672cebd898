import { queryOptions, useMutation } from "@tanstack/react-query";
import { api, client, type Schemas } from "../../api/client";
import { useActionsChanged } from "../action/queries";

export type Template = Schemas["Template"];
export type TemplateSummary = Schemas["TemplateSummary"];

/** All of them: there are a dozen. */
export const templatesQuery = api.queryOptions(
  "get",
  "/api/v1/templates",
  { params: { query: { limit: 200 } } },
  { staleTime: Number.POSITIVE_INFINITY },
);

export function templateQuery(name: string) {
  return api.queryOptions(
    "get",
    "/api/v1/templates/{name}",
    { params: { path: { name } } },
    { staleTime: Number.POSITIVE_INFINITY },
  );
}

/** Make a new action of a template. */
export function useTemplateUse(name: string) {
  const changed = useActionsChanged();
  return useMutation({
    mutationFn: async (body: Schemas["TemplateUse"]) => {
      const { data } = await client.POST("/api/v1/templates/{name}/use", { params: { path: { name } }, body });
      return data;
    },
    onSuccess: changed,
  });
}

/** The action that a template would become, as YAML. */
export function templateTextQuery(name: string) {
  return queryOptions({
    queryKey: ["get", "/api/v1/templates/{name}", "yaml", name],
    queryFn: async () => {
      const { data } = await client.GET("/api/v1/templates/{name}", {
        params: { path: { name }, header: { accept: "application/yaml" } },
        parseAs: "text",
      });
      return data ?? "";
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}
