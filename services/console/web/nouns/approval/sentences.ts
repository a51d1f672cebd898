import type { Schemas } from "../../api/client";
import { timeText } from "../../ui/time";

type Required = Pick<Schemas["PendingApproval"], "approvers" | "needed">;

type WhichRun = Pick<Schemas["ApprovalItem"], "parameters" | "requested_by" | "asked_at">;

const ROLE = "role:";
const MOST_NAMED = 3;

/** Who may decide: `an operator, ann or bob`. The command line says it in the same words. */
export function approversText(approvers: readonly string[]): string {
  const all = approvers.map((one) => {
    const name = one.slice(one.indexOf(":") + 1);
    return one.startsWith(ROLE) ? `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}` : name;
  });
  const names = all.length > MOST_NAMED ? [...all.slice(0, MOST_NAMED), `${all.length - MOST_NAMED} more`] : all;
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} or ${names.at(-1)}` : (names[0] ?? "nobody");
}

/** What is needed: `it needs the approval of an operator`, `it needs 2 approvals by ann or bob`. */
export function neededText({ approvers, needed }: Required): string {
  const who = approversText(approvers);
  return needed === 1 ? `it needs the approval of ${who}` : `it needs ${needed} approvals by ${who}`;
}

/** What becomes of it where too few decide in time. */
export function expiryText(onExpiry: Schemas["PendingApproval"]["on_expiry"]): string {
  return onExpiry === "run" ? "it goes on all the same" : "it ends as expired";
}

/** What is decided about: an action, or a step of one. */
export function titleOfItem({ action, step }: Pick<Schemas["ApprovalItem"], "action" | "step">): string {
  const title = action.title || action.name;
  return step === null ? title : `the step ${step} of ${title}`;
}

/** Letters of a value, of which the rest stands in the plan. */
const LONGEST_VALUE = 40;

/** The first values that a run was given, by which it is told from others of its action: `path = /tmp, days = 3 and 2 more`. */
export function givenText(parameters: Readonly<Record<string, unknown>>): string {
  const all = Object.entries(parameters);
  const told = all.slice(0, MOST_NAMED).map(([name, value]) => {
    const letters = [...(typeof value === "string" ? value : JSON.stringify(value))];
    const text = letters.length > LONGEST_VALUE ? `${letters.slice(0, LONGEST_VALUE).join("")}…` : letters.join("");
    return `${name} = ${text}`;
  });
  const left = all.length - told.length;
  return `${told.join(", ")}${left > 0 ? ` and ${left} more` : ""}`;
}

/** Which of several that one action waits with: `path = /tmp, days = 3, asked for by ann at 14:03:22`. */
export function whichText({ parameters, requested_by, asked_at }: WhichRun): string {
  const given = givenText(parameters);
  return `${given === "" ? "" : `${given}, `}asked for by ${requested_by.by} at ${timeText(new Date(asked_at))}`;
}

/** What a decision has led to, as far as that is known. */
export function decidedText(item: Schemas["ApprovalItem"], decision: "approve" | "reject"): string {
  const title = titleOfItem(item);
  if (decision === "reject") {
    return `You have rejected ${title}.`;
  }
  const more = item.needed - item.given.length - 1;
  const then = item.following === null ? "It goes on." : `Now ${neededText(item.following)}.`;
  return `You have approved ${title}. ${more > 0 ? `It still needs ${more} more.` : then}`;
}
