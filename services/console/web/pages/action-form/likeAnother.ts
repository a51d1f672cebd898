import { copyOf } from "../../definition-form/beginning";
import { textAt, withValue } from "../../definition-form/json";
import type { Beginning } from "../../definition-form/useDefinitionForm";

const LONGEST_NAME = 63;
const COPY = "-copy";
const MODE = "execution.mode";

interface Copied {
  beginning: Beginning;
  /** Whether the other one runs by itself, which a copy does not until somebody says so. */
  isHeldBack: boolean;
}

/** A new action like another one, except that it does not run by itself: two would do what one was meant to. */
export function likeAnother(name: string, text: string): Copied {
  const { definition, version } = copyOf("action", text, `${name.slice(0, LONGEST_NAME - COPY.length)}${COPY}`);
  const mode = textAt(definition, MODE);
  return {
    beginning: { definition: withValue(definition, MODE, undefined), version },
    isHeldBack: mode !== "" && mode !== "manual",
  };
}
