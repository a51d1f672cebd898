import type { PlannedInvocation } from "./plans";

export interface InvocationGroup {
  command: string;
  invocations: PlannedInvocation[];
}

/** Providers of a step on which the very same command would run, together, in the order of their first. */
export function groupsOf(invocations: readonly PlannedInvocation[]): InvocationGroup[] {
  const groups = new Map<string, InvocationGroup>();
  for (const invocation of invocations) {
    const group = groups.get(invocation.command);
    if (group === undefined) {
      groups.set(invocation.command, { command: invocation.command, invocations: [invocation] });
    } else {
      group.invocations.push(invocation);
    }
  }
  return [...groups.values()];
}
