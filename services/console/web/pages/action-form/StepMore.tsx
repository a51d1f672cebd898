import { SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ApprovalEntry } from "../../definition-form/fields/ApprovalEntry";
import { ChoiceEntry } from "../../definition-form/fields/ChoiceEntry";
import { LongTextEntry } from "../../definition-form/fields/LongTextEntry";
import { NameEntry } from "../../definition-form/fields/NameEntry";
import { NumberEntry } from "../../definition-form/fields/NumberEntry";
import { PairsEntry } from "../../definition-form/fields/PairsEntry";
import type { Part } from "../../definition-form/fields/Part";
import { TextEntry } from "../../definition-form/fields/TextEntry";
import { TextsEntry } from "../../definition-form/fields/TextsEntry";
import { type JsonObject, listAt, numberOf, textAt } from "../../definition-form/json";
import { Subsection } from "../../definition-form/Subsection";
import { secretNamesQuery } from "../../nouns/secret/suggestions";
import { DisconnectEntry } from "./DisconnectEntry";
import { WhenEntry } from "./WhenEntry";
import { wayOf } from "./where";

interface StepMoreProps {
  part: Part;
  definition: JsonObject;
  index: number;
}

/** What of a step most leave as it is. */
export function StepMore({ part, definition, index }: StepMoreProps) {
  const { data: secrets = [] } = useQuery(secretNamesQuery);
  const later = listAt(definition, "steps")
    .slice(index + 1)
    .map((step) => textAt(step, "name"))
    .filter((name) => name !== "");
  return (
    <Stack gap="md">
      <LongTextEntry part={part} name="description" label="Description" description="For people" />
      <Subsection title="When it runs, and how long">
        <WhenEntry part={part} />
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <TextEntry
            part={part}
            name="timeout"
            label="Time-out"
            description="Of each attempt, such as 30s"
            placeholder="10m"
          />
          <ChoiceEntry part={part} name="shell" label="Shell" usual="sh" options={{ sh: "sh", bash: "bash" }} />
          <ChoiceEntry
            part={part}
            name="capture"
            label="Keep for later steps"
            usual="none"
            options={{
              none: "Nothing",
              last_line: "Its last line",
              output: "All its output",
              json: "Its output, as JSON",
            }}
          />
        </SimpleGrid>
      </Subsection>
      <Subsection title="Who has to agree">
        <ApprovalEntry part={part} name="approval" label="It waits until people have approved it" />
      </Subsection>
      <Subsection title="If it fails">
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <ChoiceEntry
            part={part}
            name="on_failure"
            label="A failure"
            usual="stop"
            options={{ stop: "Fails the run", continue: "Lets the run go on" }}
          />
          <ChoiceEntry
            part={part}
            name="on_lost"
            label="Where nobody knows how it ended"
            usual="hold"
            options={{ hold: "The run is unknown", rerun: "Run it again", fail: "Count it as failed" }}
          />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, sm: 4 }}>
          <NumberEntry part={part} name="retries.count" label="Retries" placeholder="0" />
          <TextEntry part={part} name="retries.delay" label="First pause" placeholder="1s" />
          <ChoiceEntry
            part={part}
            name="retries.backoff"
            label="Pauses"
            usual="fixed"
            options={{ fixed: "Are alike", exponential: "Double" }}
          />
          <TextEntry part={part} name="retries.maximum_delay" label="Longest pause" placeholder="1h" />
        </SimpleGrid>
        <TextsEntry
          part={part}
          name="success_exit_codes"
          label="Exit codes of success"
          description="0 where nothing is said; Enter adds one"
          placeholder="0"
          write={numberOf}
        />
      </Subsection>
      <Subsection title="How it runs">
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextEntry part={part} name="run_as.user" label="As the user" description="By sudo" isCode />
          <NameEntry
            part={part}
            name="run_as.password.secret"
            label="Password for sudo"
            description="The name of a secret, where sudo asks"
            suggestions={secrets}
          />
        </SimpleGrid>
        <TextEntry
          part={part}
          name="working_directory"
          label="Folder"
          description="A whole path; the home where nothing is said"
          isCode
        />
        <PairsEntry
          part={part}
          name="environment"
          label="Environment"
          description="Variables that the command finds"
          noun="variable"
          placeholder="NAME"
        />
        <LongTextEntry part={part} name="stdin" label="Standard input" isCode />
        <DisconnectEntry part={part} />
      </Subsection>
      {wayOf(part.value) === "one" ? null : (
        <Subsection title="In which order">
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <NumberEntry
              part={part}
              name="rollout.max_parallel"
              label="At the same time"
              placeholder="all of a batch"
            />
            <TextEntry
              part={part}
              name="rollout.max_failures"
              label="May fail"
              description="A number, or a share as 10%"
              placeholder="0"
            />
            <TextsEntry
              part={part}
              name="rollout.batches"
              label="Batches"
              description="Numbers or shares, such as 1, 10%, 50%; the last one repeats"
              write={numberOf}
            />
            <NameEntry
              part={part}
              name="rollout.check"
              label="Check after each batch"
              description="A later step"
              suggestions={later}
            />
          </SimpleGrid>
        </Subsection>
      )}
    </Stack>
  );
}
