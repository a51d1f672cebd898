import { VisuallyHidden } from "@mantine/core";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { SoftBadge } from "../../ui/SoftBadge";
import { sessionQuery } from "../session/queries";
import { pendingApprovalsQuery } from "./queries";

/** How much waits for people to decide, as it is now; nothing where nothing does. */
export function PendingCount() {
  const { data: session } = useSuspenseQuery(sessionQuery);
  const { data } = useQuery({ ...pendingApprovalsQuery, enabled: session.permissions.includes("runs.read") });
  const count = data?.items.length ?? 0;
  if (count === 0) {
    return null;
  }
  return (
    <>
      <SoftBadge color="orange" size="sm">{`${count}${data?.next == null ? "" : "+"}`}</SoftBadge>
      <VisuallyHidden>{count === 1 ? "waits" : "wait"}</VisuallyHidden>
    </>
  );
}
