import { useSuspenseQuery } from "@tanstack/react-query";
import { type Permission, sessionQuery } from "./queries";

/** Why who is signed in may not do what this permission covers; null where they may. */
export function useRefusal(permission: Permission): string | null {
  const { data: session } = useSuspenseQuery(sessionQuery);
  return session.permissions.includes(permission) ? null : `'${session.name}' may not do this: it lacks ${permission}.`;
}
