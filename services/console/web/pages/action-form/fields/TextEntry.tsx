import { TextInput } from "@mantine/core";
import { type EntryProps, setField, textProps } from "./Part";

interface TextEntryProps extends EntryProps {
  isNeeded?: boolean;
  isCode?: boolean;
  placeholder?: string;
}

/** One line. */
export function TextEntry({ isNeeded = false, isCode = false, placeholder, ...entry }: TextEntryProps) {
  return (
    <TextInput
      {...textProps(entry)}
      withAsterisk={isNeeded}
      aria-required={isNeeded}
      placeholder={placeholder}
      autoCapitalize="off"
      styles={isCode ? { input: { fontFamily: "var(--mantine-font-family-monospace)" } } : {}}
      onChange={(event) => setField(entry.part, entry.name, event.currentTarget.value || undefined)}
    />
  );
}
