import { Alert, Card, Group, Loader, Stack, Text, Title } from "@mantine/core";
import { PlugZap, TriangleAlert } from "lucide-react";
import { PlanView } from "../../nouns/action/PlanView";
import type { Action } from "../../nouns/action/queries";
import { useRefusal } from "../../nouns/session/can";
import { isSaidAtFields } from "../../parameters/errors";
import { DeedButton } from "../../ui/DeedButton";
import { EmptyState } from "../../ui/EmptyState";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { ActionNotes } from "./ActionNotes";
import type { usePlan } from "./usePlan";

interface PlanPanelProps {
  action: Action;
  planning: ReturnType<typeof usePlan>;
}

/** What would be run with what stands in the form now. */
export function PlanPanel({ action, planning }: PlanPanelProps) {
  const { state, makeAnew, checkReachable, hasChecked } = planning;
  const refusal = useRefusal("providers.test");
  const plan = state.is === "ready" ? state.plan : state.is === "pending" ? state.old : undefined;
  return (
    <Card withBorder aria-busy={state.is === "pending"}>
      <Stack gap="md">
        <Group justify="space-between">
          <Group gap="sm">
            <Title order={2} size="h4">
              What will run
            </Title>
            {state.is === "pending" ? <Loader size="xs" aria-hidden /> : null}
          </Group>
          {plan === undefined ? null : (
            <DeedButton
              size="xs"
              variant="default"
              leftSection={<PlugZap size={14} aria-hidden />}
              loading={hasChecked && state.is === "pending"}
              refusal={refusal}
              onClick={hasChecked ? makeAnew : checkReachable}
            >
              Check that they can be reached
            </DeedButton>
          )}
        </Group>
        <ActionNotes action={action} />
        {plan === undefined ? <NoPlan action={action} planning={planning} /> : <PlanView action={action} plan={plan} />}
      </Stack>
    </Card>
  );
}

function NoPlan({ action, planning: { state, makeAnew } }: PlanPanelProps) {
  if (state.is === "lacking") {
    return (
      <EmptyState title="The commands stand here once all values are given.">
        <Text size="sm" c="dimmed">
          Needed: {state.titles.join(", ")}
        </Text>
      </EmptyState>
    );
  }
  if (state.is !== "refused") {
    return null;
  }
  if (isSaidAtFields(state.error, action.parameters, [])) {
    return (
      <Alert color="yellow" icon={<TriangleAlert />} title="Some values cannot be so">
        What is wrong stands at their fields.
      </Alert>
    );
  }
  return <ProblemAlert error={state.error} onRetry={makeAnew} />;
}
