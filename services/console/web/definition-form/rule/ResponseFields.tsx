import { SimpleGrid, Stack } from "@mantine/core";
import { ApprovalEntry } from "../fields/ApprovalEntry";
import { ChoiceEntry } from "../fields/ChoiceEntry";
import { FlagEntry } from "../fields/FlagEntry";
import { errorsOf, type Part } from "../fields/Part";
import { TextEntry } from "../fields/TextEntry";
import { textAt } from "../json";

/** Its fields, and those of what an action is given. */
export const RESPONSE_FIELDS = [
  "timing",
  "delay",
  "approval",
  "cooldown",
  "cancel_on_resolve",
  "parameters",
  "defaults",
];

/** When a run for an alert starts, who is asked before, and what keeps it from starting. */
export function ResponseFields({ part }: { part: Part }) {
  const timing = textAt(part.value, "timing");
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <ChoiceEntry
          part={part}
          name="timing"
          label="It starts"
          usual="immediately"
          options={{
            immediately: "At once",
            after_delay: "After a delay, if the alert fires then still",
            after_approval: "Once it is approved",
          }}
        />
        {timing === "after_delay" ? (
          <TextEntry part={part} name="delay" label="Delay" placeholder="5m" isNeeded />
        ) : (
          errorsOf(part, "delay")
        )}
      </SimpleGrid>
      {timing === "after_approval" ? (
        <ApprovalEntry part={part} name="approval" label="" isGiven />
      ) : (
        errorsOf(part, "approval")
      )}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextEntry
          part={part}
          name="cooldown"
          label="Cool-down"
          description="No further run for the same alert for so long after one, such as 15m"
          placeholder="none"
        />
        <FlagEntry
          part={part}
          name="cancel_on_resolve"
          label="Cancelled when the alert is resolved"
          description="If it has not begun by then"
          usual
        />
      </SimpleGrid>
    </Stack>
  );
}
