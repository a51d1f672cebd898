import { SimpleGrid, Stack, Switch } from "@mantine/core";
import { valueAt } from "../json";
import { ChoiceEntry } from "./ChoiceEntry";
import { FlagEntry } from "./FlagEntry";
import { NumberEntry } from "./NumberEntry";
import { errorsOf, type Part, setField } from "./Part";
import { TextEntry } from "./TextEntry";
import { TextsEntry } from "./TextsEntry";

interface ApprovalEntryProps {
  part: Part;
  /** Of the field within the part. */
  name: string;
  label: string;
  /** Whether it is asked for in any case, and only whose is to be said. */
  isGiven?: boolean;
}

const ROLES = ["role:operator", "role:editor", "role:administrator"];
/** Short for one with every default. */
const REQUIRED = "required";

/** Whose approval is waited for, how many, how long, and what becomes of it then. */
export function ApprovalEntry({ part, name, label, isGiven = false }: ApprovalEntryProps) {
  const value = valueAt(part.value, name);
  const isAsked = value !== undefined && value !== null;
  return (
    <Stack gap="sm" data-field={part.at + name}>
      {isGiven ? null : (
        <Switch
          label={label}
          checked={isAsked}
          error={isAsked ? null : errorsOf(part, name)}
          onChange={(event) => setField(part, name, event.currentTarget.checked ? REQUIRED : undefined)}
        />
      )}
      {isAsked || isGiven ? (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextsEntry
            part={part}
            name={`${name}.approvers`}
            label="Who may approve"
            description="Whoever fits one: role:operator and those above it, or user:ann; Enter adds one"
            placeholder="role:operator"
            suggestions={ROLES}
          />
          <NumberEntry part={part} name={`${name}.count`} label="How many different people" placeholder="1" />
          <TextEntry
            part={part}
            name={`${name}.expires`}
            label="Within"
            description="How long it is waited for them, such as 30m"
            placeholder="1h"
          />
          <ChoiceEntry
            part={part}
            name={`${name}.on_expiry`}
            label="If too few do"
            usual="reject"
            options={{ reject: "It ends as expired", run: "It goes on all the same" }}
          />
          <FlagEntry part={part} name={`${name}.allow_requester`} label="Also whoever asked for the run may approve" />
        </SimpleGrid>
      ) : null}
    </Stack>
  );
}
