import { SimpleGrid, Stack } from "@mantine/core";
import { FormSection } from "../FormSection";
import type { Part } from "../fields/Part";
import { AtFields } from "./AtFields";
import { InstantEntry } from "./InstantEntry";
import { Preview } from "./Preview";
import { ZoneEntry } from "./ZoneEntry";

/** When a schedule fires, and beside it the next ten times that this leads to. */
export function TimesFields({ part }: { part: Part }) {
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }}>
      <FormSection title="When">
        <Stack gap="md">
          <AtFields part={part} label="It fires" />
          <ZoneEntry part={part} />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <InstantEntry part={part} name="starts_at" label="Starts at" description="Nothing fires before" />
            <InstantEntry part={part} name="ends_at" label="Ends at" description="Nothing fires from then on" />
          </SimpleGrid>
        </Stack>
      </FormSection>
      <FormSection title="Next ten fire times">
        <Preview definition={part.value} label="Next ten fire times" />
      </FormSection>
    </SimpleGrid>
  );
}
