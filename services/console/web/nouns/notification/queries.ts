import { useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Schemas } from "../../api/client";
import { pagedQuery } from "../../api/paging";

export type Notification = Schemas["Notification"];

export interface NotificationFilters {
  channel?: string | undefined;
  run?: string | undefined;
  state?: Notification["state"] | undefined;
}

const PAGE = 50;
const ALL_NOTIFICATIONS = ["get", "/api/v1/notifications"] as const;

/** What channels were told, the newest first. */
export function notificationsQuery(filters: NotificationFilters) {
  return pagedQuery([...ALL_NOTIFICATIONS, "pages", filters], async (cursor) => {
    const { data } = await client.GET("/api/v1/notifications", {
      params: { query: { ...filters, limit: PAGE, cursor } },
    });
    return data ?? { items: [], next: null };
  });
}

/** Have one that was not delivered tried again now. */
export function useRetryNotification() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      client.POST("/api/v1/notifications/{notification_id}/retry", { params: { path: { notification_id: id } } }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ALL_NOTIFICATIONS }),
  });
}
