import { Textarea } from "@mantine/core";
import { type EntryProps, setField, textProps } from "./Part";

interface LongTextEntryProps extends EntryProps {
  isCode?: boolean;
  /** An empty text is one that somebody has begun, and not none. */
  isKeptEmpty?: boolean;
}

/** Several lines. */
export function LongTextEntry({ isCode = false, isKeptEmpty = false, ...entry }: LongTextEntryProps) {
  return (
    <Textarea
      {...textProps(entry)}
      autosize
      minRows={isCode ? 1 : 2}
      maxRows={16}
      styles={isCode ? { input: { fontFamily: "var(--mantine-font-family-monospace)" } } : {}}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setField(entry.part, entry.name, text === "" && !isKeptEmpty ? undefined : text);
      }}
    />
  );
}
