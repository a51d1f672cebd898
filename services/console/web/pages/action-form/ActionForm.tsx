import { Card, Stack, Title } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useCallback, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { asProblem } from "../../api/problem";
import { titleOf } from "../../nouns/action/queries";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { BasicFields } from "./BasicFields";
import { bringIntoView } from "./bringIntoView";
import { ChangesView } from "./ChangesView";
import { ConflictAlert } from "./ConflictAlert";
import { FaultList } from "./FaultList";
import { unplaced } from "./faults";
import { focusField } from "./focusField";
import { LeaveQuestion } from "./LeaveQuestion";
import { ParametersSection } from "./ParametersSection";
import { RestoredNote } from "./RestoredNote";
import { SaveBar } from "./SaveBar";
import { SettingsFields } from "./SettingsFields";
import { StepsSection } from "./StepsSection";
import { tellSaved } from "./tellSaved";
import { type Beginning, useActionForm } from "./useActionForm";
import { useOpenEntries } from "./useOpenEntries";
import { useView } from "./useView";
import { YamlView } from "./YamlView";

const FIELDS = [
  "name",
  "title",
  "description",
  "category",
  "tags",
  "estimated_duration",
  "confirm",
  "condition",
  "concurrency",
  "execution",
];

interface ActionFormProps {
  /** Whose drafts are kept. */
  person: string;
  /** Names the form among all whose drafts are kept; the name of the action where one is changed. */
  form: string;
  beginning: Beginning;
  /** Whether it is written as YAML. */
  isText: boolean;
  /** Where whoever changes their mind goes. */
  cancel: ReactNode;
}

/** Writes an action, by fields or as YAML, and stores it as a new version. */
export function ActionForm({ person, form: key, beginning, isText, cancel }: ActionFormProps) {
  const form = useActionForm(person, key, beginning);
  const { state, change, base, faults, save } = form;
  const { definition } = state;
  const navigate = useNavigate();
  const hasLeft = useRef(false);
  const steps = useOpenEntries("steps", state);
  const parameters = useOpenEntries("parameters", state);
  const [note, setNote] = useState("");
  const showFirst = useCallback(
    (field: string) => {
      flushSync(() => {
        steps.openOf(field);
        parameters.openOf(field);
      });
      focusField(field);
    },
    [steps.openOf, parameters.openOf],
  );
  const store = (version: number | null) =>
    save.mutate(
      { text: form.text, over: version === null ? null : { name: key, version }, note: note.trim() },
      {
        onError: (error) => {
          const first = asProblem(error).errors[0];
          if (first !== undefined) {
            showFirst(first.field);
          }
        },
        onSuccess: (action) => {
          hasLeft.current = true;
          form.forget();
          if (action !== undefined) {
            tellSaved(titleOf(action), action.warnings ?? []);
            void navigate({ to: "/actions/$name", params: { name: action.name } });
          }
        },
      },
    );
  const submit = () => {
    const inTheWay = form.tryToSave();
    if (state.fault !== null || save.isPending) {
      return;
    }
    if (inTheWay[0] !== undefined && !form.isChecking) {
      showFirst(inTheWay[0].field);
      return;
    }
    store(base.version);
  };
  // Enter in a field saves nothing: there are many, and a save is a version.
  useHotkeys([["mod+S", submit]], [], true);
  const status = asProblem(save.error).status;
  const isConflict = save.error !== null && status === 412;
  // What the server says of fields stands there.
  const isSaid = save.error !== null && (status === 422 || isConflict);
  const view = useView(isText, form);
  const ofWhole = faults.filter(({ field }) => !/^(steps|parameters)\.\d/.test(field));
  const part = { value: definition, at: "", faults, change };
  return (
    <Stack gap="md" role="form" aria-label="Action">
      <RestoredNote kept={form.restored} current={beginning.version} onDiscard={() => form.begin(beginning)} />
      {isConflict && base.version !== null ? (
        <ConflictAlert
          name={key}
          base={base.version}
          onSaveOver={(version) => {
            form.saveOver(version);
            store(version);
          }}
          onTakeTheirs={(theirs) => {
            save.reset();
            form.begin(theirs);
          }}
        />
      ) : null}
      {save.error === null || isSaid ? null : (
        <div ref={bringIntoView}>
          <ProblemAlert error={save.error} />
        </div>
      )}
      {view.isText ? (
        <YamlView state={state} change={change} faults={faults} form={view.form} />
      ) : (
        <>
          <FaultList faults={unplaced(ofWhole, "", FIELDS)} />
          <Section title="Basic information">
            <BasicFields part={part} isNew={base.version === null} />
          </Section>
          <Section title="What it asks for">
            <ParametersSection
              state={state}
              change={change}
              faults={faults}
              open={parameters.open}
              onToggle={parameters.toggle}
            />
          </Section>
          <Section title="Steps">
            <StepsSection
              state={state}
              change={change}
              faults={faults}
              open={steps.open}
              onToggle={steps.toggle}
              onAdd={() => change({ do: "add", list: "steps" })}
            />
          </Section>
          <Section title="How it runs">
            <SettingsFields part={part} />
          </Section>
        </>
      )}
      <ChangesView diff={form.diff} />
      <SaveBar
        form={form}
        onSave={submit}
        deed={base.version === null ? "Create the action" : "Save"}
        note={note}
        onNote={setNote}
        onShow={view.isText ? null : showFirst}
        cancel={cancel}
      />
      <LeaveQuestion isAsked={form.isChanged} hasLeft={hasLeft} isKept={form.isKept} onDiscard={form.forget} />
    </Stack>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card withBorder component="section" aria-label={title} style={{ overflow: "visible" }}>
      <Title order={2} size="h4" mb="sm">
        {title}
      </Title>
      {children}
    </Card>
  );
}
