import { useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Schemas } from "../../api/client";
import { pagedQuery } from "../../api/paging";

export type Secret = Schemas["Secret"];

export interface SecretDraft {
  name: string;
  description: string;
  /** Empty where the one that is stored stays. */
  value: string;
}

const PAGE = 100;
/** Every list of secrets, that of names for fields among them. */
const ALL_SECRETS = ["get", "/api/v1/secrets"] as const;

export const secretsQuery = pagedQuery([...ALL_SECRETS, "pages"], async (cursor) => {
  const { data } = await client.GET("/api/v1/secrets", { params: { query: { limit: PAGE, cursor } } });
  return data ?? { items: [], next: null };
});

/**
 * Store a secret: a new one, or what is to hold instead of the version that was read, which nobody may have changed
 * meanwhile. A value is encrypted as it arrives, and no answer has it again.
 */
export function useSaveSecret(before: Secret | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name, description, value }: SecretDraft) => {
      const given = value === "" && before !== null ? { stored: true as const } : value;
      const body = { kind: "secret" as const, name, description, value: given };
      return before === null
        ? client.POST("/api/v1/secrets", { body })
        : client.PUT("/api/v1/secrets/{name}", {
            params: { path: { name }, header: { "if-match": `"${before.version}"` } },
            body,
          });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ALL_SECRETS }),
  });
}

export function useDeleteSecret() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name, version }: Pick<Secret, "name" | "version">) =>
      client.DELETE("/api/v1/secrets/{name}", {
        params: { path: { name }, header: { "if-match": `"${version}"` } },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ALL_SECRETS }),
  });
}
