import { HighlightStyle, StreamLanguage } from "@codemirror/language";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { yaml } from "@codemirror/legacy-modes/mode/yaml";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  MatchDecorator,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

export const LANGUAGES = { shell: StreamLanguage.define(shell), yaml: StreamLanguage.define(yaml), text: [] };

/** Light and dark by the page's scheme; each has the contrast that text needs on the ground of a field. */
export const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.standard(tags.variableName)], color: "light-dark(#7a2fb8, #d3a6ff)" },
  { tag: [tags.string, tags.special(tags.string)], color: "light-dark(#1b6b2c, #8fd694)" },
  { tag: tags.comment, color: "light-dark(#5a616c, #9aa2af)", fontStyle: "italic" },
  { tag: tags.meta, color: "light-dark(#5a616c, #9aa2af)" },
  { tag: [tags.number, tags.atom, tags.bool], color: "light-dark(#8a4500, #f2b374)" },
  {
    tag: [tags.definition(tags.variableName), tags.variableName, tags.attributeName],
    color: "light-dark(#0b5a8f, #7cc7ff)",
  },
]);

const placeholder = new MatchDecorator({
  regexp: /\{\{[ \t]*[A-Za-z_][\w.-]*[ \t]*\}\}/g,
  decoration: Decoration.mark({ class: "cm-placeholder-of-ours" }),
});

/** Marks what stands for a value. */
export const placeholders = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = placeholder.createDeco(view);
    }
    update(update: ViewUpdate) {
      this.decorations = placeholder.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

/** The look of a field of a form, and of what it offers. */
export const look = EditorView.theme({
  "&": {
    fontSize: "var(--code-field-size)",
    color: "var(--mantine-color-text)",
    backgroundColor: "light-dark(var(--mantine-color-white), var(--mantine-color-dark-6))",
    border: "1px solid light-dark(#868e96, var(--mantine-color-dark-3))",
    borderRadius: "var(--mantine-radius-md)",
  },
  "&.cm-focused": { outline: "2px solid var(--mantine-primary-color-filled)", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: "var(--mantine-font-family-monospace)", lineHeight: "1.55", maxHeight: "60vh" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--mantine-color-text)" },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  ".cm-gutters": {
    backgroundColor: "transparent",
    border: "none",
    color: "var(--mantine-color-dimmed)",
    minWidth: "32px",
  },
  ".cm-placeholder-of-ours": {
    backgroundColor: "light-dark(#e4e9fd, #24305c)",
    color: "light-dark(#233ba6, #c3cdfb)",
    borderRadius: "3px",
  },
  ".cm-placeholder-of-ours *": { color: "inherit" },
  ".cm-fault": { textDecoration: "underline wavy var(--mantine-color-error)", textDecorationSkipInk: "none" },
  ".cm-tooltip": {
    color: "var(--mantine-color-text)",
    backgroundColor: "var(--mantine-color-body)",
    border: "1px solid light-dark(#868e96, var(--mantine-color-dark-3))",
    borderRadius: "var(--mantine-radius-sm)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--mantine-font-family-monospace)",
    fontSize: "var(--code-field-size)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 8px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    color: "var(--mantine-color-white)",
    backgroundColor: "var(--mantine-color-blue-7)",
  },
  ".cm-completionDetail": { fontStyle: "normal", opacity: "1", marginLeft: "1em" },
});
