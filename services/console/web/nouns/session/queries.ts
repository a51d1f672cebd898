import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, client, type Schemas } from "../../api/client";
import { forgetAllTyped } from "../../ui/typed";
import { forgetAllDrafts } from "../definition/keptDrafts";

export type Session = Schemas["Session"];
export type Permission = Session["permissions"][number];

export const sessionQuery = api.queryOptions(
  "get",
  "/api/v1/session",
  {},
  { staleTime: Number.POSITIVE_INFINITY, retry: false },
);

/** With a token, or with what a sign-in link carries. */
export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["SignIn"]) => client.POST("/api/v1/session", { body }),
    onSuccess: ({ data }) => {
      queries.clear();
      queries.setQueryData(sessionQuery.queryKey, data);
    },
  });
}

export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => client.DELETE("/api/v1/session"),
    onSettled: () => {
      forgetAllDrafts();
      forgetAllTyped();
      queries.clear();
    },
  });
}
