import { Switch } from "@mantine/core";
import { textAt } from "../json";
import { type EntryProps, inputProps, setField } from "./Part";

const TRUE = new Set(["true", "yes", "on"]);

/** Yes or no, and no where nothing is said. */
export function FlagEntry(entry: EntryProps) {
  return (
    <Switch
      {...inputProps(entry)}
      checked={TRUE.has(textAt(entry.part.value, entry.name).toLowerCase())}
      onChange={(event) => setField(entry.part, entry.name, event.currentTarget.checked || undefined)}
    />
  );
}
