import { TextInput } from "@mantine/core";
import { type EntryProps, setField, textProps } from "./Part";

interface TextEntryProps extends EntryProps {
  isNeeded?: boolean;
  isCode?: boolean;
  placeholder?: string;
  /** An empty text is one that somebody has begun, and not none. */
  isKeptEmpty?: boolean;
}

/** One line. */
export function TextEntry({
  isNeeded = false,
  isCode = false,
  placeholder,
  isKeptEmpty = false,
  ...entry
}: TextEntryProps) {
  return (
    <TextInput
      {...textProps(entry)}
      withAsterisk={isNeeded}
      aria-required={isNeeded}
      placeholder={placeholder}
      autoCapitalize="off"
      styles={isCode ? { input: { fontFamily: "var(--mantine-font-family-monospace)" } } : {}}
      onChange={({ currentTarget: { value } }) =>
        setField(entry.part, entry.name, value === "" && !isKeptEmpty ? undefined : value)
      }
    />
  );
}
