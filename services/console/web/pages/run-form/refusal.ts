import { asProblem } from "../../api/problem";
import type { Action } from "../../nouns/action/queries";
import type { PlanState } from "./usePlan";

interface Execution {
  action: Pick<Action, "name" | "confirm">;
  /** Why whoever is signed in may not run anything. */
  refusal: string | null;
  plan: PlanState;
  /** What was typed as the action's name. */
  typed: string;
  /** That it shall start at a time, which is not there yet. */
  lacksStart: boolean;
}

/** Why an action cannot be executed now; null where it can. */
export function refusalOf({ action, refusal, plan, typed, lacksStart }: Execution): string | null {
  if (refusal !== null) {
    return refusal;
  }
  if (plan.is === "lacking") {
    return `Values are needed: ${plan.titles.join(", ")}.`;
  }
  if (plan.is === "pending") {
    return "The plan is being made.";
  }
  if (plan.is === "refused") {
    return asProblem(plan.error).isPassing
      ? "There is no plan yet, as the server does not answer."
      : "There is no plan for these values; what is wrong with them stands above.";
  }
  if (lacksStart) {
    return "Say when it shall start.";
  }
  return action.confirm === "type_name" && typed.trim() !== action.name ? `Type ${action.name} first.` : null;
}
