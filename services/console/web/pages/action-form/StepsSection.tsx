import { memo } from "react";
import { type Fault, faultsWithin } from "../../definition-form/faults";
import { type JsonObject, listAt, textAt, textsAt } from "../../definition-form/json";
import type { Change, FormState } from "../../definition-form/state";
import { EntryCard } from "./EntryCard";
import { EntryList, type EntryMoves } from "./EntryList";
import { StepFields } from "./StepFields";
import { labelTexts } from "./where";

interface StepsSectionProps {
  state: FormState;
  change: (change: Change) => void;
  faults: readonly Fault[];
  /** The ids of the steps whose fields are shown. */
  open: ReadonlySet<number>;
  onToggle: (id: number) => void;
}

/** What an action does, in its order. */
export function StepsSection({ state, change, faults, open, onToggle }: StepsSectionProps) {
  const { definition } = state;
  const count = listAt(definition, "steps").length;
  return (
    <EntryList
      list="steps"
      noun="step"
      label="Steps"
      state={state}
      change={change}
      isFaulty={(index) => faultsWithin(faults, `steps.${index}`).some(({ isWarning }) => !isWarning)}
      onAdd={() => change({ do: "add", list: "steps" })}
    >
      {(step, index, id, moves) => (
        <StepEntry
          definition={definition}
          step={step}
          index={index}
          count={count}
          faults={faults}
          change={change}
          isOpen={open.has(id)}
          onToggle={() => onToggle(id)}
          moves={moves}
        />
      )}
    </EntryList>
  );
}

interface StepEntryProps {
  definition: JsonObject;
  step: JsonObject;
  index: number;
  count: number;
  faults: readonly Fault[];
  change: (change: Change) => void;
  isOpen: boolean;
  onToggle: () => void;
  moves: EntryMoves;
}

/** One step. Of many it is drawn anew only where something of it, or of what it can name, is another. */
const StepEntry = memo(function StepEntry(props: StepEntryProps) {
  const { definition, step, index, count, faults, change, isOpen, onToggle, moves } = props;
  const own = faultsWithin(faults, `steps.${index}`);
  return (
    <EntryCard
      noun="step"
      title={textAt(step, "name")}
      number={index + 1}
      count={count}
      summary={summaryOf(step)}
      faultCount={own.filter(({ isWarning }) => !isWarning).length}
      isOpen={isOpen}
      onToggle={onToggle}
      onDuplicate={() => change({ do: "duplicate", list: "steps", index })}
      {...moves}
    >
      <StepFields
        definition={definition}
        index={index}
        part={{ value: step, at: `steps.${index}.`, faults: own, change }}
      />
    </EntryCard>
  );
}, isSame);

/** A folded step shows a line; an open one of a long action is not slow. */
function isSame(before: StepEntryProps, after: StepEntryProps): boolean {
  return (
    !before.isOpen &&
    !after.isOpen &&
    before.step === after.step &&
    before.index === after.index &&
    before.count === after.count &&
    before.faults === after.faults
  );
}

function summaryOf(step: JsonObject): string {
  const group = textAt(step, "providers.group");
  const where =
    textAt(step, "provider") ||
    textsAt(step, "providers").join(", ") ||
    (group === "" ? labelTexts(step).join(", ") : `group ${group}`);
  return [where, textAt(step, "title") || firstLine(textAt(step, "command"))].filter((text) => text !== "").join(" · ");
}

/** The first line of a command that does something. */
function firstLine(command: string): string {
  const lines = command.split("\n").map((line) => line.trim());
  return lines.find((line) => line !== "" && !line.startsWith("#")) ?? "";
}
