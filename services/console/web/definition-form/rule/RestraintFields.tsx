import { SimpleGrid } from "@mantine/core";
import { ChoiceEntry } from "../fields/ChoiceEntry";
import { NumberEntry } from "../fields/NumberEntry";
import type { Part } from "../fields/Part";
import { TextEntry } from "../fields/TextEntry";

/** Its fields. */
export const RESTRAINT_FIELDS = ["refire", "flapping", "storm"];

/** How often a rule leads to runs at most, and what becomes of alerts that come and go. */
export function RestraintFields({ part }: { part: Part }) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <NumberEntry part={part} name="storm.runs" label="Most runs that begin by themselves" placeholder="any number" />
      <TextEntry
        part={part}
        name="storm.within"
        label="Within"
        description="Such as 10m; further runs wait for an approval"
      />
      <NumberEntry part={part} name="flapping.times" label="An alert flaps from so many fires on" placeholder="never" />
      <TextEntry
        part={part}
        name="flapping.within"
        label="That begin within"
        description="Such as 1h; nothing is run for one that flaps"
      />
      <ChoiceEntry
        part={part}
        name="refire"
        label="If the alert starts once more"
        description="While it fires still"
        usual="ignore"
        options={{ ignore: "Nothing more is run", run: "It is run again" }}
      />
    </SimpleGrid>
  );
}
