import { useCallback, useRef, useState } from "react";
import type { FormState, ListName } from "../../definition-form/state";

/** Which entries of a list show their fields: those of a short one, and whichever is new or was opened. */
export function useOpenEntries(list: ListName, { ids, folded }: FormState) {
  /** Those that are not as they were at first. */
  const [toggled, setToggled] = useState<ReadonlySet<number>>(new Set());
  const now = useRef({ ids: ids[list], folded });
  now.current = { ids: ids[list], folded };
  const toggle = useCallback(
    (id: number) => setToggled((known) => (known.has(id) ? without(known, id) : new Set([...known, id]))),
    [],
  );
  /** Show the entry that a field is of, where that is one of these. */
  const openOf = useCallback(
    (field: string) => {
      const [of, index] = field.split(".");
      const id = of === list ? now.current.ids[Number(index)] : undefined;
      if (id !== undefined) {
        setToggled((known) => (now.current.folded.has(id) ? new Set([...known, id]) : without(known, id)));
      }
    },
    [list],
  );
  return { open: new Set(ids[list].filter((id) => toggled.has(id) === folded.has(id))), toggle, openOf };
}

function without(set: ReadonlySet<number>, id: number): ReadonlySet<number> {
  return new Set([...set].filter((one) => one !== id));
}
