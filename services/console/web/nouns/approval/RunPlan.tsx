import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Reading } from "../../ui/Reading";
import { ValueTable } from "../../ui/ValueTable";
import { PlanView } from "../action/PlanView";
import { type ApprovalItem, runPlanQuery } from "./queries";

/** What would run: the parameters, and each step with its providers and its very command. */
export function RunPlan({ item }: { item: ApprovalItem }) {
  const { data: plan, error, refetch } = useQuery(runPlanQuery(item.run_id));
  return (
    <Stack gap="sm">
      {Object.keys(item.parameters).length === 0 ? (
        <Text size="sm">It was given no parameters.</Text>
      ) : (
        <ValueTable label="Parameters" values={item.parameters} />
      )}
      {error === null ? null : <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {plan !== undefined ? (
        // Whose approval it waits for stands above.
        <PlanView plan={{ ...plan, approval: null }} />
      ) : error === null ? (
        <Reading height={90} label="What would run is being read" />
      ) : null}
    </Stack>
  );
}
