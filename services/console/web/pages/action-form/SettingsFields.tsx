import { SimpleGrid, Stack, Switch } from "@mantine/core";
import { ChoiceEntry } from "../../definition-form/fields/ChoiceEntry";
import { LongTextEntry } from "../../definition-form/fields/LongTextEntry";
import { NumberEntry } from "../../definition-form/fields/NumberEntry";
import { type Part, setField } from "../../definition-form/fields/Part";
import { TextEntry } from "../../definition-form/fields/TextEntry";

/** What holds for every run: how long, under which condition, and how many at a time. */
export function SettingsFields({ part }: { part: Part }) {
  const { concurrency } = part.value;
  const isLimited = concurrency !== undefined && concurrency !== null;
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextEntry
          part={part}
          name="execution.timeout"
          label="Time-out of a run"
          description="From its first step's start, such as 10m"
          placeholder="1d"
        />
        <LongTextEntry
          part={part}
          name="condition"
          label="Condition"
          description={'In CEL: a run starts only if it holds, such as params.env != "prod"'}
          isCode
        />
      </SimpleGrid>
      <Switch
        label="Limit how many runs are under way at a time"
        checked={isLimited}
        onChange={(event) => setField(part, "concurrency", event.currentTarget.checked ? {} : undefined)}
      />
      {isLimited ? (
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <NumberEntry part={part} name="concurrency.limit" label="Runs at a time" placeholder="1" />
          <TextEntry
            part={part}
            name="concurrency.key"
            label="Count by"
            description="Such as {{ host }}: only runs alike count together"
            isCode
          />
          <ChoiceEntry
            part={part}
            name="concurrency.when_full"
            label="One more"
            usual="queue"
            options={{ queue: "Waits its turn", skip: "Is skipped", replace: "Replaces the oldest" }}
          />
          <NumberEntry part={part} name="concurrency.queue_limit" label="May wait" placeholder="20" />
          <TextEntry part={part} name="concurrency.queue_ttl" label="Waits at most" placeholder="1h" />
        </SimpleGrid>
      ) : null}
    </Stack>
  );
}
