import type { Run, RunStep } from "../../nouns/run/states";
import type { Selection } from "../../output/shown";

/** What of a run an address names and the run does not have. */
export interface NoSuch {
  text: string;
  /** The step that there is, where what is lacking is of it. */
  step: string | null;
}

/** What an address asks for that a run does not have; null where it has it, or where that is known by its machines alone. */
export function noSuchOf({ steps }: Pick<Run, "steps">, { step: name, attempt, provider }: Selection): NoSuch | null {
  if (name === undefined) {
    const part = attempt !== undefined ? "an attempt" : provider !== undefined ? "a machine" : null;
    return part === null ? null : { text: `The address names ${part}, and not of which step.`, step: null };
  }
  const step = steps.find((candidate) => candidate.name === name);
  if (step === undefined) {
    return { text: `This run has no step '${name}'.`, step: null };
  }
  if (step.invocations !== null) {
    return null;
  }
  if (provider !== undefined && provider !== step.provider) {
    return noSuchMachine(step, provider);
  }
  if (attempt !== undefined && !step.attempts.some(({ number }) => number === attempt)) {
    return {
      text: `The step '${name}' has ${step.ended_at === null ? "so far " : ""}no attempt ${attempt}.`,
      step: name,
    };
  }
  return null;
}

export function noSuchMachine({ name }: Pick<RunStep, "name">, provider: string): NoSuch {
  return { text: `The step '${name}' is not run on '${provider}'.`, step: name };
}
