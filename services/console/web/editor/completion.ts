import type { CompletionContext, CompletionResult } from "@codemirror/autocomplete";

/** What may be written between double braces. */
export interface Offer {
  name: string;
  about: string;
}

const BEGUN = /\{\{[ \t]*[\w.-]*$/;

/** What completes a placeholder that is begun; of one that is closed already only its name is replaced. */
export function completions(offers: () => readonly Offer[]) {
  return (context: CompletionContext): CompletionResult | null => {
    const begun = context.matchBefore(BEGUN);
    if (begun === null) {
      return null;
    }
    const from = begun.from + 2 + (/^[ \t]*/.exec(begun.text.slice(2))?.[0].length ?? 0);
    const after = context.state.sliceDoc(context.pos, context.pos + 100);
    const closed = /^([\w.-]*)[ \t]*\}\}/.exec(after);
    const before = from === begun.from + 2 ? " " : "";
    return {
      from,
      to: context.pos + (closed?.[1]?.length ?? 0),
      options: offers().map(({ name, about }) => ({
        label: name,
        detail: about,
        type: "variable",
        apply: closed !== null ? name : `${before}${name} }}`,
      })),
      validFor: /^[\w.-]*$/,
    };
  };
}
