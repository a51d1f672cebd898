import { SimpleGrid, Stack } from "@mantine/core";
import { ChoiceEntry } from "../fields/ChoiceEntry";
import { FlagEntry } from "../fields/FlagEntry";
import { NumberEntry } from "../fields/NumberEntry";
import type { Part } from "../fields/Part";
import { textAt } from "../json";

const MISFIRES = {
  run_once: "One run for all that were missed",
  run_all: "A run for each that was missed",
  skip: "No run for what was missed",
};

/** What becomes of fire times that nobody noticed, and whether it fires at all. */
export function MisfireFields({ part }: { part: Part }) {
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <ChoiceEntry
          part={part}
          name="misfire"
          label="Where no scheduler was there"
          usual="run_once"
          options={MISFIRES}
        />
        {textAt(part.value, "misfire") === "run_all" ? (
          <NumberEntry
            part={part}
            name="misfire_limit"
            label="At most"
            description="Runs, for the latest of them"
            placeholder="10"
          />
        ) : null}
      </SimpleGrid>
      <FlagEntry
        part={part}
        name="enabled"
        label="Enabled"
        description="What would fire while it is not is not missed"
        usual
      />
    </Stack>
  );
}
