import { NameEntry } from "../fields/NameEntry";
import type { Part } from "../fields/Part";

/** The zone whose clocks count. */
export function ZoneEntry({ part }: { part: Part }) {
  return (
    <NameEntry
      part={part}
      name="time_zone"
      label="Time zone"
      description="Whose clocks count, such as Europe/Berlin"
      placeholder="UTC"
      suggestions={["UTC", ...Intl.supportedValuesOf("timeZone")]}
    />
  );
}
