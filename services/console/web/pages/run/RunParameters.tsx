import type { Run } from "../../nouns/run/states";
import { EmptyState } from "../../ui/EmptyState";
import { ValueTable } from "../../ui/ValueTable";

/** The values that a run was given, defaults included; secrets by their names. */
export function RunParameters({ run }: { run: Run }) {
  return Object.keys(run.parameters).length === 0 ? (
    <EmptyState title="This action takes no parameters." />
  ) : (
    <ValueTable label="Parameters" values={run.parameters} />
  );
}
