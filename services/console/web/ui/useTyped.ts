import { useCallback, useEffect, useState } from "react";
import { z } from "zod/mini";
import { keepTyped, readTyped, type Typed } from "./typed";

/**
 * What was typed in a form when the session of whoever typed it ended, or the page was loaded anew. Whoever leaves the
 * form for another page does not find it there again: its defaults count then.
 */
export function useTyped<Fields>(form: string, schema: z.ZodMiniType<Fields>): [Typed<Fields> | null, () => void] {
  const [found, setFound] = useState(() => readTyped(form, schema));
  useEffect(
    () => () => {
      if (window.location.pathname !== "/sign-in") {
        keepTyped(form, null, 0);
      }
    },
    [form],
  );
  return [found, useCallback(() => setFound(null), [])];
}

/** Keep what stands in a form now, without what is secret; null where nobody has typed anything. */
export function useKeepTyped(form: string, fields: object | null): void {
  const text = JSON.stringify(fields);
  useEffect(() => keepTyped(form, JSON.parse(text), Date.now()), [form, text]);
}

/** What was typed has been sent: the page may be loaded anew before it has left the form. */
export function forgetTyped(form: string): void {
  keepTyped(form, null, 0);
}

const TEXT = z.string();

/** One text that is kept until it is sent. */
export function useTypedText(form: string): { text: string; setText: (text: string) => void; forget: () => void } {
  const [text, setText] = useState(() => readTyped(form, TEXT)?.fields ?? "");
  return {
    text,
    setText: (changed) => {
      setText(changed);
      keepTyped(form, changed || null, Date.now());
    },
    forget: () => forgetTyped(form),
  };
}
