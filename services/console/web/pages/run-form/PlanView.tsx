import { Alert, Stack } from "@mantine/core";
import { CircleSlash } from "lucide-react";
import type { Plan } from "../../nouns/action/plans";
import type { Action } from "../../nouns/action/queries";
import { PlannedStepView } from "./PlannedStepView";
import classes from "./PlanView.module.css";

/** A plan, step by step. */
export function PlanView({ action, plan }: { action: Action; plan: Plan }) {
  const titles = new Map(action.steps.map(({ name, title }) => [name, title || name]));
  return (
    <Stack gap="md">
      {plan.condition === null || plan.condition.holds ? null : (
        <Alert color="yellow" icon={<CircleSlash />} title="It would not start">
          {plan.condition.reason}
        </Alert>
      )}
      <ol className={classes.steps} aria-label="Steps">
        {plan.steps.map((step, index) => (
          <PlannedStepView key={step.name} step={step} number={index + 1} title={titles.get(step.name) ?? step.name} />
        ))}
      </ol>
    </Stack>
  );
}
