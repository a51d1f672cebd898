import { SimpleGrid, Stack, Switch } from "@mantine/core";
import { useMemo } from "react";
import type { Episode } from "../../nouns/alert/queries";
import { FaultList } from "../FaultList";
import { faultsWithin, unplaced } from "../faults";
import { LongTextEntry } from "../fields/LongTextEntry";
import { type Part, setField } from "../fields/Part";
import { isObject, valueAt } from "../json";
import { LabelsEntry } from "./LabelsEntry";
import { SeverityEntry } from "./SeverityEntry";
import { SourceEntry } from "./SourceEntry";

interface MatchFieldsProps {
  part: Part;
  /** Alerts that came lately, whose labels are offered. */
  recent: readonly Episode[];
}

/** For which alerts a rule is: all that is named has to hold. */
export function MatchFields({ part, recent }: MatchFieldsProps) {
  const known = useMemo(() => knownLabels(recent), [recent]);
  const labels = valueAt(part.value, "match.labels");
  const isNamed = (isObject(labels) && Object.keys(labels).length > 0) || OTHERS.some((name) => isSaid(part, name));
  return (
    <Stack gap="sm" data-field={`${part.at}match`}>
      <FaultList faults={unplaced(faultsWithin(part.faults, `${part.at}match`), part.at, SHOWN)} />
      <LabelsEntry part={part} known={known} />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <SeverityEntry part={part} />
        <SourceEntry part={part} />
      </SimpleGrid>
      <LongTextEntry
        part={part}
        name="match.when"
        label="Condition"
        description="In CEL, about alert and now, such as now.getHours('Europe/Berlin') >= 8"
        isCode
      />
      {isNamed ? null : (
        <Switch
          label="Every alert that there is"
          description="Nothing above is named; every alert of every source is meant"
          checked={labels !== undefined}
          onChange={(event) => setField(part, "match.labels", event.currentTarget.checked ? {} : undefined)}
        />
      )}
    </Stack>
  );
}

const SHOWN = ["match.labels", "match.severity", "match.when"];
const OTHERS = ["match.severity", "match.when", "source"];

function isSaid(part: Part, name: string): boolean {
  const value = valueAt(part.value, name);
  return value !== undefined && value !== null;
}

/** Of each label's name, the values that alerts have of it. */
function knownLabels(recent: readonly Episode[]): ReadonlyMap<string, readonly string[]> {
  const known = new Map<string, Set<string>>();
  for (const { alert } of recent) {
    for (const [name, value] of Object.entries(alert.labels)) {
      known.set(name, (known.get(name) ?? new Set()).add(value));
    }
  }
  const sorted = [...known].sort(([one], [other]) => one.localeCompare(other));
  return new Map(sorted.map(([name, values]) => [name, [...values].sort()]));
}
