import { useMutation, useQueryClient } from "@tanstack/react-query";
import { client } from "../../api/client";
import { secretNamesQuery } from "./suggestions";

/** Store a new secret; its value is encrypted as it arrives, and no answer has it again. */
export function useCreateSecret() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; value: string }) =>
      client.POST("/api/v1/secrets", { body: { kind: "secret", description: "", ...body } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: secretNamesQuery.queryKey }),
  });
}
