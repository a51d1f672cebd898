import { Autocomplete } from "@mantine/core";
import { type EntryProps, inputProps, setField } from "../fields/Part";
import { isObject, type Json, textAt, valueAt } from "../json";
import { completed } from "./placeholders";

interface PlaceholderEntryProps extends EntryProps {
  /** What may stand between double braces. */
  names: readonly string[];
  /** How what was typed is written down; as its text where nothing is said. */
  write?: (text: string) => Json | undefined;
  isNeeded?: boolean;
  placeholder?: string | undefined;
  isKeptEmpty?: boolean;
}

/** One line with placeholders in it, which are offered as soon as one is begun. */
export function PlaceholderEntry(props: PlaceholderEntryProps) {
  const { names, write, isNeeded = false, placeholder, isKeptEmpty = false, ...entry } = props;
  const value = valueAt(entry.part.value, entry.name);
  const text = isObject(value) || Array.isArray(value) ? JSON.stringify(value) : textAt(entry.part.value, entry.name);
  return (
    <Autocomplete
      {...inputProps(entry)}
      value={text}
      data={completed(text, names)}
      // What is offered is all that fits what was begun, whatever stands before it.
      filter={({ options }) => options}
      withAsterisk={isNeeded}
      aria-required={isNeeded}
      placeholder={placeholder}
      maxDropdownHeight={240}
      spellCheck={false}
      autoComplete="off"
      autoCapitalize="off"
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      onChange={(typed) =>
        setField(entry.part, entry.name, typed === "" && !isKeptEmpty ? undefined : (write?.(typed) ?? typed))
      }
    />
  );
}
