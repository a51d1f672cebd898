import { Alert, Stack, Text } from "@mantine/core";
import { CircleSlash } from "lucide-react";
import { neededText } from "../approval/sentences";
import { PlannedStepView } from "./PlannedStepView";
import classes from "./PlanView.module.css";
import type { Plan } from "./plans";
import type { Action } from "./queries";

interface PlanViewProps {
  plan: Plan;
  /** Whose steps they are, where their titles are known. */
  action?: Pick<Action, "steps">;
}

/** A plan, step by step. */
export function PlanView({ plan, action }: PlanViewProps) {
  const titles = new Map(action?.steps.map(({ name, title }) => [name, title || name]));
  return (
    <Stack gap="md">
      {plan.condition === null || plan.condition.holds ? null : (
        <Alert color="yellow" icon={<CircleSlash />} title="It would not start">
          {plan.condition.reason}
        </Alert>
      )}
      {plan.approval === null ? null : <Text size="sm">Before it starts {neededText(plan.approval)}.</Text>}
      <ol className={classes.steps} aria-label="Steps">
        {plan.steps.map((step, index) => (
          <PlannedStepView key={step.name} step={step} number={index + 1} title={titles.get(step.name) ?? step.name} />
        ))}
      </ol>
    </Stack>
  );
}
