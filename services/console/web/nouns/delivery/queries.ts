import { useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Schemas } from "../../api/client";
import { pagedQuery } from "../../api/paging";

export type Delivery = Schemas["AlertDelivery"];
export type DeliveryOutcome = Delivery["outcome"];

const PAGE = 50;
const ALL_DELIVERIES = ["get", "/api/v1/deliveries"] as const;

/** What was posted to the webhooks, the newest first; of none of these outcomes: whatever became of it. */
export function deliveriesQuery(outcome: DeliveryOutcome[]) {
  return pagedQuery([...ALL_DELIVERIES, "pages", outcome], async (cursor) => {
    const { data } = await client.GET("/api/v1/deliveries", { params: { query: { outcome, limit: PAGE, cursor } } });
    return data ?? { items: [], next: null };
  });
}

/** Have a delivery decided again, by the rules of now. */
export function useReplay() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (deliveryId: string) =>
      client.POST("/api/v1/deliveries/{delivery_id}/replay", { params: { path: { delivery_id: deliveryId } } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ALL_DELIVERIES }),
  });
}
