import { TextInput } from "@mantine/core";
import { numberOf } from "../json";
import { type EntryProps, setField, textProps } from "./Part";

/** A number; what reads as none goes as it was typed, for the server to say what it has to be. */
export function NumberEntry({ placeholder, ...entry }: EntryProps & { placeholder?: string }) {
  return (
    <TextInput
      {...textProps(entry)}
      inputMode="numeric"
      placeholder={placeholder}
      onChange={(event) => setField(entry.part, entry.name, numberOf(event.currentTarget.value))}
    />
  );
}
