import { Switch } from "@mantine/core";
import { textAt } from "../json";
import { type EntryProps, inputProps, setField } from "./Part";

const TRUE = new Set(["true", "yes", "on"]);

interface FlagEntryProps extends EntryProps {
  /** What holds where nothing is said. */
  usual?: boolean;
}

/** Yes or no, and no where nothing is said otherwise. */
export function FlagEntry({ usual = false, ...entry }: FlagEntryProps) {
  const said = textAt(entry.part.value, entry.name).toLowerCase();
  return (
    <Switch
      {...inputProps(entry)}
      checked={said === "" ? usual : TRUE.has(said)}
      onChange={({ currentTarget: { checked } }) =>
        setField(entry.part, entry.name, checked === usual ? undefined : checked)
      }
    />
  );
}
