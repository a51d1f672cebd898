import { useDebouncedValue, useWindowEvent } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useReducer, useState } from "react";
import { asProblem } from "../api/problem";
import { DraftKeeper, type KeptDraft } from "../nouns/definition/keptDrafts";
import { trialQuery, useSaveDefinition } from "../nouns/definition/texts";
import type { FormKind } from "./FormKind";
import { type Fault, faultsOf, NO_FAULTS, shownFaults } from "./faults";
import { isSameJson, type JsonObject, textAt } from "./json";
import { keepable, keepableText } from "./keeping";
import { changed, type FormState, stateOf } from "./state";
import { toldOf } from "./told";

/** What a form begins with. */
export interface Beginning {
  definition: JsonObject;
  /** The version that is changed; null for something new. */
  version: number | null;
}

const PAUSE = 400;

/** A definition that is being written: what stands there, what the server would say of it, and what is kept of it. */
export function useDefinitionForm(kind: FormKind, person: string, name: string, beginning: Beginning) {
  const draft = kind.drafts + name;
  const keeper = useMemo(() => new DraftKeeper(person, draft), [person, draft]);
  const [restored, setRestored] = useState<KeptDraft | null>(() => keeper.read(Date.now()));
  const [base, setBase] = useState<Beginning>(() => ({
    ...beginning,
    version: restored === null ? beginning.version : restored.version,
  }));
  const [state, change] = useReducer(changed, null, () =>
    restored === null
      ? stateOf(kind.word, beginning.definition)
      : changed(stateOf(kind.word, restored.definition as JsonObject), { do: "write", text: restored.text }),
  );
  const [hasTried, setHasTried] = useState(false);
  const text = JSON.stringify(state.definition);
  const isChanged = state.fault !== null || !isSameJson(state.definition, base.definition);
  const tried = JSON.stringify(kind.triedOf(state.definition));
  const [settled] = useDebouncedValue(tried, PAUSE);
  const trial = useQuery(trialQuery(kind.word, settled));
  const found = trial.data?.items[0];
  const save = useSaveDefinition(kind.word, kind.path, kind.keyOf);
  const fault = nameFault(textAt(state.definition, "name"), base.version === null ? found : name, kind.noun);
  const refusal = save.error;
  const all = useMemo((): readonly Fault[] => {
    const ofName = fault === null ? [] : [{ field: "name", message: fault, fixes: [] }];
    if (trial.data !== undefined) {
      const { errors, warnings } = toldOf(trial.data.items);
      return faultsOf([...ofName, ...errors], warnings);
    }
    return refusal === null ? NO_FAULTS : faultsOf(asProblem(refusal).errors);
  }, [fault, trial.data, refusal]);
  const asked = trial.data?.text;
  const faults = useMemo(() => {
    // What nobody had begun when it was tried is not wrong because they have begun it since.
    const [definition = {}]: JsonObject[] = asked === undefined ? [] : JSON.parse(asked);
    return shownFaults(all, definition, hasTried || asked === undefined);
  }, [all, asked, hasTried]);
  const isKept = useKept(keeper, state, base.version, isChanged);
  return {
    kind,
    name,
    state,
    change,
    base,
    /** Those that are shown now. */
    faults,
    isChanged,
    isChecking: settled !== tried || trial.isFetching,
    /** Why nothing is known of what the server would say; whoever may not ask is told when they save. */
    trialError: trial.error !== null && asProblem(trial.error).status !== 403 ? trial.error : null,
    /** What a save would change, as a diff of the YAML; empty where that is nothing, or not known. */
    diff: found?.change === "changed" ? found.diff : "",
    isKept,
    restored,
    save,
    text,
    /** All that keeps it from being saved, as far as that is known; from now on all of it is shown. */
    tryToSave: () => {
      setHasTried(true);
      return all.filter(({ isWarning }) => !isWarning);
    },
    /** What was written is not wanted any more. */
    begin: (from: Beginning) => {
      setBase(from);
      setRestored(null);
      setHasTried(false);
      change({ do: "replace", definition: from.definition });
      keeper.forget();
    },
    /** Save over this version, which somebody else has made meanwhile. */
    saveOver: (version: number) => setBase({ ...base, version }),
    forget: () => keeper.forget(),
  };
}

/** What of a name only a save would tell: that it is taken by what was found, or is not that of what is changed. */
function nameFault(
  written: string,
  known: string | { name: string; version: number | null } | undefined,
  noun: string,
) {
  if (typeof known === "string") {
    return written === known ? null : `has to stay '${known}': nothing can be renamed`;
  }
  return known !== undefined && known.version !== null && known.name === written
    ? `There is ${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun} of this name already.`
    : null;
}

/** Keeps what is written, and forgets it once it is what was there; whether the browser lets it. */
function useKept(
  keeper: DraftKeeper,
  { definition, text, fault }: FormState,
  version: number | null,
  isChanged: boolean,
) {
  const [isKept, setIsKept] = useState(true);
  useEffect(() => {
    if (!isChanged) {
      keeper.forget();
      return;
    }
    const draft = { definition: keepable(definition), text: fault === null ? null : keepableText(text), version };
    setIsKept(keeper.keep({ ...draft, at: Date.now() }));
  }, [keeper, definition, text, fault, version, isChanged]);
  // Another tab of the same form has saved or discarded it, or somebody has signed out there.
  useWindowEvent("storage", () => {
    if (isChanged && !keeper.isThere()) {
      setIsKept(false);
    }
  });
  return isKept;
}
