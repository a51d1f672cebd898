import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { syntaxHighlighting } from "@codemirror/language";
import { Annotation, Compartment, EditorState, type Extension, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { type RefObject, useEffect, useRef } from "react";
import { nonce } from "../nonce";
import { colours, LANGUAGES, look, placeholders } from "./colours";
import { completions, type Offer } from "./completion";
import { endOf, offsetOf, type Place } from "./places";

export interface CodeEditorProps {
  value: string;
  onChange: (value: string) => void;
  label: string;
  language: keyof typeof LANGUAGES;
  /** What may stand between double braces; none where nothing is offered. */
  offers?: readonly Offer[];
  /** Where what is refused begins. */
  faults?: readonly Place[];
  /** The id of what says what is wrong with it. */
  describedBy?: string | undefined;
  /** Lets its owner lead to a place. */
  handle?: RefObject<EditorHandle | null>;
}

export interface EditorHandle {
  goTo: (place: Place) => void;
  focus: () => void;
}

const NOTHING: readonly never[] = [];
const fromOutside = Annotation.define<boolean>();
const setFaults = StateEffect.define<readonly Place[]>();
const faultMarks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    const told = transaction.effects.find((effect) => effect.is(setFaults));
    return told === undefined ? marks.map(transaction.changes) : marksOf(transaction.state.doc.toString(), told.value);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Typing over a selection: the browser would give the new text the look of the old one as a style, which the page's policy refuses. */
const typedOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.inputType !== "insertText" || event.data === null || view.composing || view.state.selection.main.empty) {
      return false;
    }
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    return true;
  },
});

/** A field for code: its colours, what may be completed, and marks where something is refused. Tab leaves it. */
export function CodeEditor(props: CodeEditorProps) {
  const { value, label, language, faults = NOTHING, describedBy, handle } = props;
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const now = useRef(props);
  now.current = props;
  const attributes = useRef(new Compartment()).current;
  useEffect(() => {
    if (place.current === null) {
      return;
    }
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: now.current.value,
        extensions: [
          EditorView.cspNonce.of(nonce),
          history(),
          keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
          typedOver,
          lineNumbers(),
          EditorView.lineWrapping,
          LANGUAGES[language],
          syntaxHighlighting(colours),
          placeholders,
          faultMarks,
          look,
          attributes.of([]),
          autocompletion({
            override: [completions(() => now.current.offers ?? NOTHING)],
            icons: false,
            // It is offered within braces alone, where nobody wants a new line.
            interactionDelay: 0,
            // It is known at once; while it is waited for, Enter would make one.
            activateOnTypingDelay: 0,
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && !update.transactions.some((one) => one.annotation(fromOutside))) {
              now.current.onChange(update.state.doc.toString());
            }
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      view.current = null;
      made.destroy();
    };
  }, [language, attributes]);
  useEffect(() => {
    view.current?.dispatch({ effects: attributes.reconfigure(attributesOf(label, describedBy)) });
  }, [label, describedBy, attributes]);
  useEffect(() => {
    const there = view.current;
    if (there !== null && there.state.doc.toString() !== value) {
      there.dispatch({
        changes: { from: 0, to: there.state.doc.length, insert: value },
        annotations: fromOutside.of(true),
      });
    }
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({ effects: setFaults.of(faults) });
  }, [faults]);
  useEffect(() => {
    if (handle === undefined) {
      return;
    }
    handle.current = {
      focus: () => view.current?.focus(),
      goTo: (to) => {
        const anchor = offsetOf(view.current?.state.doc.toString() ?? "", to);
        view.current?.dispatch({ selection: { anchor }, scrollIntoView: true });
        view.current?.focus();
      },
    };
    return () => {
      handle.current = null;
    };
  }, [handle]);
  return <div ref={place} data-editor={label} />;
}

function attributesOf(label: string, describedBy: string | undefined): Extension {
  return EditorView.contentAttributes.of({
    "aria-label": label,
    // It can be reached as it is; where it is scrolled, axe wants to be told.
    tabindex: "0",
    ...(describedBy === undefined ? {} : { "aria-describedby": describedBy, "aria-invalid": "true" }),
  });
}

function marksOf(text: string, faults: readonly Place[]): DecorationSet {
  const mark = Decoration.mark({ class: "cm-fault" });
  const ranges = faults.flatMap((fault) => {
    const from = offsetOf(text, fault);
    const to = endOf(text, from);
    return to > from ? [mark.range(from, to)] : [];
  });
  return Decoration.set(ranges, true);
}
