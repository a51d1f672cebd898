import { Text } from "@mantine/core";
import { type Fault, faultsWithin } from "../../definition-form/faults";
import { listAt, textAt } from "../../definition-form/json";
import type { Change, FormState } from "../../definition-form/state";
import { EntryCard } from "./EntryCard";
import { EntryList } from "./EntryList";
import { ParameterFields } from "./ParameterFields";
import { TYPE_TEXTS, typeOf } from "./parameterTypes";

interface SectionProps {
  state: FormState;
  change: (change: Change) => void;
  faults: readonly Fault[];
  /** The ids of those whose fields are shown. */
  open: ReadonlySet<number>;
  onToggle: (id: number) => void;
}

/** What an action asks for before it runs. */
export function ParametersSection({ state, change, faults, open, onToggle }: SectionProps) {
  const count = listAt(state.definition, "parameters").length;
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        Whoever runs the action gives these; commands name them as {"{{ name }}"}.
      </Text>
      <EntryList
        list="parameters"
        noun="parameter"
        label="Parameters"
        state={state}
        change={change}
        isFaulty={(index) => faultsWithin(faults, `parameters.${index}`).length > 0}
        onAdd={() => change({ do: "add", list: "parameters" })}
      >
        {(parameter, index, id, moves) => {
          const own = faultsWithin(faults, `parameters.${index}`);
          return (
            <EntryCard
              noun="parameter"
              title={textAt(parameter, "name")}
              number={index + 1}
              count={count}
              summary={[TYPE_TEXTS[typeOf(parameter)], textAt(parameter, "title")]
                .filter((text) => text !== "")
                .join(" · ")}
              faultCount={own.filter(({ isWarning }) => !isWarning).length}
              isOpen={open.has(id)}
              onToggle={() => onToggle(id)}
              onDuplicate={() => change({ do: "duplicate", list: "parameters", index })}
              {...moves}
            >
              <ParameterFields
                part={{ value: parameter, at: `parameters.${index}.`, faults: own, change }}
                index={index}
              />
            </EntryCard>
          );
        }}
      </EntryList>
    </>
  );
}
