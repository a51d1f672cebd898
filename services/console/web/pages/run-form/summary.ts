import type { Plan } from "../../nouns/action/plans";

const MOST_NAMED = 3;

/** In one line what a plan comes to: `2 steps on web-1 and web-2`. */
export function placesText({ steps }: Pick<Plan, "steps">): string {
  const count = steps.length === 1 ? "1 step" : `${steps.length} steps`;
  const names = [...new Set(steps.flatMap(({ invocations }) => invocations.map(({ provider }) => provider)))];
  const most = Math.max(0, names.length, ...steps.map(({ providers }) => providers));
  if (most === 0) {
    return `${count}, on no provider.`;
  }
  if (most > MOST_NAMED) {
    return `${count} on up to ${most} providers, ${names.slice(0, MOST_NAMED).join(", ")} among them.`;
  }
  return `${count} on ${names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names[0]}.`;
}
