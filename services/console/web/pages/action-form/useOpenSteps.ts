import { useCallback, useRef, useState } from "react";
import type { FormState } from "./state";

/** Which steps show their fields: those of a short action, and whichever is new or was opened. */
export function useOpenSteps({ ids, folded }: FormState) {
  /** Those that are not as they were at first. */
  const [toggled, setToggled] = useState<ReadonlySet<number>>(new Set());
  const now = useRef({ steps: ids.steps, folded });
  now.current = { steps: ids.steps, folded };
  const toggle = useCallback(
    (id: number) => setToggled((known) => (known.has(id) ? without(known, id) : new Set([...known, id]))),
    [],
  );
  /** Show the step that a field is of. */
  const openOf = useCallback((field: string) => {
    const id = now.current.steps[Number(/^steps\.(\d+)/.exec(field)?.[1] ?? -1)];
    if (id !== undefined) {
      setToggled((known) => (now.current.folded.has(id) ? new Set([...known, id]) : without(known, id)));
    }
  }, []);
  return { open: new Set(ids.steps.filter((id) => toggled.has(id) === folded.has(id))), toggle, openOf };
}

function without(set: ReadonlySet<number>, id: number): ReadonlySet<number> {
  return new Set([...set].filter((one) => one !== id));
}
