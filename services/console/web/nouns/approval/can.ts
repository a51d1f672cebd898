import { useSuspenseQuery } from "@tanstack/react-query";
import { sessionQuery } from "../session/queries";
import type { ApprovalItem } from "./queries";

/** Why who is signed in may not approve, or reject, what waits; null where they may. The server has the last word. */
export function useDecisionRefusals(item: ApprovalItem): { approve: string | null; reject: string | null } {
  const { data: session } = useSuspenseQuery(sessionQuery);
  const approve = item.why_not === null ? null : `${item.why_not.charAt(0).toUpperCase()}${item.why_not.slice(1)}.`;
  // Whoever has approved once cannot do so again, and may well have thought better of it.
  const hasApproved = item.given.some(({ by }) => by === session.name);
  return { approve, reject: hasApproved ? null : approve };
}
