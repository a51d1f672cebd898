import { TextInput } from "@mantine/core";
import { type EntryProps, setField, textProps } from "../fields/Part";

/** A time of day; while one types it is the empty text, for which the server wants another. */
export function TimeEntry(entry: EntryProps) {
  return (
    <TextInput
      {...textProps(entry)}
      type="time"
      w={150}
      onChange={(event) => setField(entry.part, entry.name, event.currentTarget.value)}
    />
  );
}
