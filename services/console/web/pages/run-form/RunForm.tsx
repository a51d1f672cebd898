import { Card, Stack, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { asProblem } from "../../api/problem";
import { useStartRun } from "../../nouns/action/plans";
import { type Action, actionQuery } from "../../nouns/action/queries";
import { bind, type Drafts, missingOf } from "../../parameters/drafts";
import { fieldError, parameterErrors } from "../../parameters/errors";
import { ParameterForm } from "../../parameters/ParameterForm";
import { ExecuteForm } from "./ExecuteForm";
import { NoteField } from "./NoteField";
import { PlanPanel } from "./PlanPanel";
import classes from "./RunForm.module.css";
import { StartField } from "./StartField";
import { instantOf } from "./start";
import { usePlan } from "./usePlan";

interface RunFormProps {
  action: Action;
  /** What stands in it at first, besides the defaults. */
  initial?: Drafts;
  /** The run that is done again by it. */
  rerunOf?: string;
}

/** The form of a run: its values on one side, what they lead to on the other, and below the button that does it. */
export function RunForm({ action, initial = {}, rerunOf }: RunFormProps) {
  const [drafts, setDrafts] = useState(initial);
  const [note, setNote] = useState("");
  /** As a field for date and time has it; none to start at once. */
  const [start, setStart] = useState<string | null>(null);
  const [showsMissing, setShowsMissing] = useState(false);
  const planning = usePlan(action, drafts);
  const starting = useStartRun(action.name);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const execute = useRef<HTMLDivElement>(null);

  const goToExecute = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setShowsMissing(true);
    const [missing] = missingOf(action.parameters, drafts);
    const next =
      missing === undefined
        ? execute.current?.querySelector<HTMLElement>("[data-next]")
        : event.currentTarget.querySelector<HTMLElement>(`[data-field="${CSS.escape(missing.name)}"]`);
    next?.focus();
  };
  const edited =
    <Value,>(set: (value: Value) => void) =>
    (value: Value) => {
      set(value);
      if (starting.isError) {
        starting.reset();
      }
    };
  const run = (digest: string) =>
    starting.mutate(
      {
        parameters: bind(action.parameters, drafts),
        note: note.trim(),
        plan_digest: digest,
        not_before: (start === null ? undefined : instantOf(start)) ?? null,
        rerun_of: rerunOf ?? null,
      },
      {
        onSuccess: (started) => started && void navigate({ to: "/runs/$runId", params: { runId: started.id } }),
        onError: (error) => {
          if (asProblem(error).status === 409) {
            void queries.invalidateQueries({ queryKey: actionQuery(action.name).queryKey });
            planning.makeAnew();
          }
        },
      },
    );
  return (
    <div className={classes.layout}>
      <form className={classes.values} onSubmit={goToExecute} noValidate aria-label="Values">
        <Card withBorder component={Stack} gap="md">
          <Title order={2} size="h4">
            {action.parameters.length === 0 ? "It takes no parameters" : "Parameters"}
          </Title>
          <ParameterForm
            parameters={action.parameters}
            drafts={drafts}
            onChange={edited(setDrafts)}
            errors={{ ...parameterErrors(planning.error), ...parameterErrors(starting.error) }}
            showsMissing={showsMissing}
          />
          <NoteField value={note} onChange={edited(setNote)} error={fieldError(starting.error, "note")} />
          <StartField value={start} onChange={edited(setStart)} error={fieldError(starting.error, "not_before")} />
          <button type="submit" hidden />
        </Card>
      </form>
      <section className={classes.plan} aria-label="Plan">
        <PlanPanel action={action} planning={planning} />
      </section>
      <div className={classes.execute} ref={execute}>
        <ExecuteForm
          action={action}
          plan={planning.state}
          lacksStart={start !== null && instantOf(start) === undefined}
          starting={starting}
          onExecute={run}
        />
      </div>
    </div>
  );
}
