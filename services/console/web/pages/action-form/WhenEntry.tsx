import { Select, Stack } from "@mantine/core";
import { LongTextEntry } from "../../definition-form/fields/LongTextEntry";
import { type Part, setField } from "../../definition-form/fields/Part";
import { textAt } from "../../definition-form/json";

const WORDS = [
  { value: "previous_success", label: "After success of the steps before" },
  { value: "previous_failure", label: "After a failure" },
  { value: "always", label: "In any case, also after a cancel" },
];
const CONDITION = "condition";

/** When a step runs: by a word, or by a condition that is written. */
export function WhenEntry({ part }: { part: Part }) {
  const value = textAt(part.value, "when");
  const word = part.value.when === undefined ? "previous_success" : value;
  const isWord = WORDS.some((one) => one.value === word);
  return (
    <Stack gap="xs">
      <Select
        label="Runs"
        data={[...WORDS, { value: CONDITION, label: "If a condition holds" }]}
        value={isWord ? word : CONDITION}
        allowDeselect={false}
        data-field={`${part.at}when`}
        onChange={(chosen) =>
          setField(
            part,
            "when",
            chosen === CONDITION ? "" : chosen === "previous_success" ? undefined : (chosen ?? undefined),
          )
        }
      />
      {isWord ? null : (
        <LongTextEntry
          part={part}
          name="when"
          label="Condition"
          description="In CEL, such as steps.probe.exit_status == 0"
          isCode
          isKeptEmpty
        />
      )}
    </Stack>
  );
}
