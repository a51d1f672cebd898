import { Card, Stack, Text, TextInput } from "@mantine/core";
import { Play } from "lucide-react";
import { type FormEvent, useState } from "react";
import { asProblem } from "../../api/problem";
import { type Action, titleOf } from "../../nouns/action/queries";
import { useRefusal } from "../../nouns/session/can";
import { isSaidAtFields } from "../../parameters/errors";
import { askFirst } from "../../ui/askFirst";
import { DeedButton } from "../../ui/DeedButton";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { refusalOf } from "./refusal";
import { placesText } from "./summary";
import type { PlanState } from "./usePlan";

interface ExecuteFormProps {
  action: Action;
  plan: PlanState;
  lacksStart: boolean;
  starting: { isPending: boolean; error: unknown };
  /** Have exactly the plan of this digest carried out. */
  onExecute: (digest: string) => void;
}

/** The button that runs what the plan says, behind what its action asks for first. */
export function ExecuteForm({ action, plan, lacksStart, starting, onExecute }: ExecuteFormProps) {
  // What was typed agrees to the plan that was there then, and to no other.
  const digest = plan.is === "ready" ? plan.plan.digest : null;
  const [agreed, setAgreed] = useState<{ to: string | null; typed: string }>({ to: null, typed: "" });
  const typed = digest === null || agreed.to === digest ? agreed.typed : "";
  const refusal = refusalOf({ action, refusal: useRefusal("runs.write"), plan, typed, lacksStart });
  const execute = (event: FormEvent) => {
    event.preventDefault();
    if (refusal !== null || plan.is !== "ready" || digest === null || starting.isPending) {
      return;
    }
    if (action.confirm !== "ask") {
      onExecute(digest);
      return;
    }
    askFirst({
      title: `Run ${titleOf(action)}?`,
      text: placesText(plan.plan),
      deed: "Run it",
      color: "blue",
      onDo: async () => onExecute(digest),
    });
  };
  const isAtFields = isSaidAtFields(starting.error, action.parameters, ["note", "not_before"]);
  return (
    <Card withBorder component="form" onSubmit={execute} noValidate aria-label="Execute">
      <Stack gap="sm">
        {plan.is === "ready" ? <Text size="sm">{placesText(plan.plan)}</Text> : null}
        {action.confirm === "type_name" ? (
          <TextInput
            label={`Type ${action.name} to run it`}
            description="It can do harm, so it asks twice."
            value={typed}
            onChange={(event) => setAgreed({ to: digest, typed: event.currentTarget.value })}
            autoComplete="off"
            spellCheck={false}
            autoCapitalize="off"
            data-next
          />
        ) : null}
        {starting.error === null || isAtFields ? null : <ProblemAlert error={starting.error} />}
        {asProblem(starting.error).status === 409 ? (
          <Text size="sm">The plan has been made anew. Look at it before you execute it.</Text>
        ) : null}
        <DeedButton
          type="submit"
          size="md"
          fullWidth
          color={action.confirm === "type_name" ? "red" : undefined}
          leftSection={<Play size={17} aria-hidden />}
          loading={starting.isPending}
          refusal={refusal}
          data-next={action.confirm === "type_name" ? undefined : true}
        >
          Execute
        </DeedButton>
        {refusal === null ? null : (
          <Text size="sm" c="dimmed">
            {refusal}
          </Text>
        )}
      </Stack>
    </Card>
  );
}
