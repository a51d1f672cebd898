import { TextInput } from "@mantine/core";
import { instantOf, localText } from "../../ui/localInstant";
import { type EntryProps, inputProps, setField } from "../fields/Part";
import { textAt } from "../json";

interface InstantEntryProps extends EntryProps {
  /** An empty one is what somebody has begun, and not none. */
  isKeptEmpty?: boolean;
}

/** An instant, on the clocks of this browser. */
export function InstantEntry({ isKeptEmpty = false, ...entry }: InstantEntryProps) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const instant = new Date(textAt(entry.part.value, entry.name));
  const inZone = `In the zone ${timeZone}, of this browser`;
  return (
    <TextInput
      {...inputProps({
        ...entry,
        description: entry.description === undefined ? inZone : `${entry.description}. ${inZone}`,
      })}
      type="datetime-local"
      value={Number.isNaN(instant.getTime()) ? "" : localText(instant)}
      onChange={(event) =>
        setField(entry.part, entry.name, instantOf(event.currentTarget.value) ?? (isKeptEmpty ? "" : undefined))
      }
      maw={300}
    />
  );
}
