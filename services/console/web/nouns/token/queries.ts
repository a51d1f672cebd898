import { useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Schemas } from "../../api/client";
import { pagedQuery } from "../../api/paging";

export type Token = Schemas["Token"];
export type NewToken = Schemas["NewToken"];
export type TokenDefinition = Schemas["TokenDefinition"];

const PAGE = 100;
const ALL_TOKENS = ["get", "/api/v1/tokens"] as const;

export const tokensQuery = pagedQuery([...ALL_TOKENS, "pages"], async (cursor) => {
  const { data } = await client.GET("/api/v1/tokens", { params: { query: { limit: PAGE, cursor } } });
  return data ?? { items: [], next: null };
});

/** Make a token; the answer alone has it, and nothing keeps that. */
export function useMakeToken() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: TokenDefinition) => {
      const { data } = await client.POST("/api/v1/tokens", { body });
      if (data === undefined) {
        throw new Error("The answer is empty.");
      }
      return data;
    },
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: ALL_TOKENS }),
  });
}

export function useDeleteToken() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => client.DELETE("/api/v1/tokens/{name}", { params: { path: { name } } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ALL_TOKENS }),
  });
}
