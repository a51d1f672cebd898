import { Collapse, SimpleGrid, Stack } from "@mantine/core";
import { useState } from "react";
import { FaultList } from "../../definition-form/FaultList";
import { errorAt, unplaced } from "../../definition-form/faults";
import { type Part, setField } from "../../definition-form/fields/Part";
import { TextEntry } from "../../definition-form/fields/TextEntry";
import type { JsonObject } from "../../definition-form/json";
import { UnfoldButton } from "../../ui/UnfoldButton";
import { CommandEntry } from "./CommandEntry";
import { StepMore } from "./StepMore";
import { WhereEntry } from "./WhereEntry";

const MORE = [
  "description",
  "shell",
  "timeout",
  "retries",
  "when",
  "on_failure",
  "on_lost",
  "environment",
  "working_directory",
  "stdin",
  "run_as",
  "success_exit_codes",
  "capture",
  "expect_disconnect",
  "rollout",
];
const FIELDS = ["name", "title", "provider", "providers", "command", ...MORE];

interface StepFieldsProps {
  part: Part;
  index: number;
  definition: JsonObject;
}

/** What there is to say of a step: where it runs and what, and all else behind "More". */
export function StepFields({ part, index, definition }: StepFieldsProps) {
  const [wantsMore, setWantsMore] = useState(false);
  // What is wrong has to be seen.
  const showsMore = wantsMore || MORE.some((field) => errorAt(part.faults, part.at + field) !== null);
  const said = MORE.filter((field) => part.value[field] !== undefined).length;
  return (
    <Stack gap="sm">
      <FaultList faults={unplaced(part.faults, part.at, FIELDS)} />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextEntry part={part} name="name" label="Name" description="Unique within the action" isNeeded isCode />
        <TextEntry part={part} name="title" label="Title" description="For people" />
      </SimpleGrid>
      <WhereEntry part={part} definition={definition} />
      <CommandEntry
        part={part}
        definition={definition}
        index={index}
        onChange={(text) => setField(part, "command", text === "" ? undefined : text)}
      />
      <UnfoldButton isOpen={showsMore} onToggle={() => setWantsMore(!showsMore)}>
        More{said === 0 ? "" : ` (${said} set)`}
      </UnfoldButton>
      <Collapse expanded={showsMore}>
        {showsMore ? <StepMore part={part} definition={definition} index={index} /> : null}
      </Collapse>
    </Stack>
  );
}
