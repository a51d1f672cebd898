import { Card, Stack, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { z } from "zod/mini";
import { asProblem } from "../../api/problem";
import { useStartRun } from "../../nouns/action/plans";
import { type Action, actionQuery } from "../../nouns/action/queries";
import { bind, DRAFTS, type Draft, type Drafts, missingOf, withoutSecrets } from "../../parameters/drafts";
import { fieldError, parameterErrors } from "../../parameters/errors";
import { ParameterForm } from "../../parameters/ParameterForm";
import { instantOf } from "../../ui/localInstant";
import { TypedNote } from "../../ui/TypedNote";
import { forgetTyped, useKeepTyped, useTyped } from "../../ui/useTyped";
import { ExecuteForm } from "./ExecuteForm";
import { NoteField } from "./NoteField";
import { PlanPanel } from "./PlanPanel";
import classes from "./RunForm.module.css";
import { StartField } from "./StartField";
import { usePlan } from "./usePlan";

const TYPED = z.object({ drafts: DRAFTS, note: z.string(), start: z.nullable(z.string()) });
const NOTHING: Drafts = {};

interface RunFormProps {
  action: Action;
  /** What stands in it at first, besides the defaults. */
  initial?: Drafts;
  /** The run that is done again by it. */
  rerunOf?: string;
}

/** The form of a run: its values on one side, what they lead to on the other, and below the button that does it. */
export function RunForm({ action, initial = NOTHING, rerunOf }: RunFormProps) {
  const form = `run ${action.uid} ${rerunOf ?? ""}`;
  const [found, forgetFound] = useTyped(form, TYPED);
  // As it was when the form opened: whoever shows it makes it anew each time.
  const [begun] = useState(initial);
  const [drafts, setDrafts] = useState<Drafts>(found?.fields.drafts ?? begun);
  const [note, setNote] = useState(found?.fields.note ?? "");
  /** As a field for date and time has it; none to start at once. */
  const [start, setStart] = useState(found?.fields.start ?? null);
  const isTyped = drafts !== begun || note !== "" || start !== null;
  useKeepTyped(form, isTyped ? { drafts: withoutSecrets(drafts), note, start } : null);
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
        onSuccess: (started) => {
          if (started) {
            forgetTyped(form);
            void navigate({ to: "/runs/$runId", params: { runId: started.id } });
          }
        },
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
      <div className={classes.typed}>
        <TypedNote
          found={found}
          onDiscard={() => {
            setDrafts(begun);
            setNote("");
            setStart(null);
            forgetFound();
          }}
        >
          {Object.values(drafts).some(isLost) ? "A secret's value is kept nowhere: give it anew." : null}
        </TypedNote>
      </div>
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

/** A secret that was given by its value, and is not there any more. */
function isLost(draft: Draft): boolean {
  return typeof draft !== "string" && draft.by === "value" && draft.text === "";
}
