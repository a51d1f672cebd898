import { Autocomplete } from "@mantine/core";
import { type EntryProps, setField, textProps } from "./Part";

interface NameEntryProps extends EntryProps {
  suggestions: readonly string[];
  isNeeded?: boolean;
  placeholder?: string;
  /** An empty name is what somebody has begun, and not none. */
  isKeptEmpty?: boolean;
}

const MOST_SHOWN = 50;

/** The name of something that there is; another one can be typed as well. */
export function NameEntry({
  suggestions,
  isNeeded = false,
  placeholder,
  isKeptEmpty = false,
  ...entry
}: NameEntryProps) {
  return (
    <Autocomplete
      {...textProps(entry)}
      data={[...new Set(suggestions)]}
      limit={MOST_SHOWN}
      placeholder={placeholder}
      withAsterisk={isNeeded}
      aria-required={isNeeded}
      autoCapitalize="off"
      onChange={(text) => setField(entry.part, entry.name, text === "" && !isKeptEmpty ? undefined : text)}
    />
  );
}
