import { Select } from "@mantine/core";
import { type Json, textAt } from "../json";
import { type EntryProps, inputProps, setField } from "./Part";

interface ChoiceEntryProps extends EntryProps {
  /** What may be chosen, with what people read. */
  options: Readonly<Record<string, string>>;
  /** The one that holds where nothing is said. */
  usual: string;
  /** How another one is written down; as its word where nothing is said. */
  write?: (chosen: string) => Json;
}

/** One of some words; the usual one is not written down. */
export function ChoiceEntry({ options, usual, write, ...entry }: ChoiceEntryProps) {
  const value = textAt(entry.part.value, entry.name) || usual;
  const data = Object.entries(options).map(([option, label]) => ({ value: option, label }));
  return (
    <Select
      {...inputProps(entry)}
      // What a text said that is none of them stays, so that it is seen.
      data={Object.hasOwn(options, value) ? data : [{ value, label: value }, ...data]}
      value={value}
      allowDeselect={false}
      onChange={(chosen) =>
        setField(entry.part, entry.name, chosen === usual || chosen === null ? undefined : (write?.(chosen) ?? chosen))
      }
    />
  );
}
