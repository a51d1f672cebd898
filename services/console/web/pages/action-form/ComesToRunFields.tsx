import { Input, SegmentedControl, Stack, Text } from "@mantine/core";
import { FormSection } from "../../definition-form/FormSection";
import { ApprovalEntry } from "../../definition-form/fields/ApprovalEntry";
import { errorsOf, type Part, setField } from "../../definition-form/fields/Part";
import { isObject, textAt, valueAt } from "../../definition-form/json";
import { GivenFields } from "../../definition-form/schedule/GivenFields";
import { MisfireFields } from "../../definition-form/schedule/MisfireFields";
import { TimesFields } from "../../definition-form/schedule/TimesFields";
import { parametersIn } from "./parametersIn";
import { TriggersFields } from "./TriggersFields";

const MODES = { manual: "By hand", scheduled: "Scheduled", triggered: "By alerts" };
const MEANINGS = {
  manual: "Whoever asks runs it, and so do schedules and alert rules that stand by themselves.",
  scheduled: "A schedule of its own runs it, too: saved, changed and deleted with the action.",
  triggered: "Alerts run it, too, by rules of its own: saved, changed and deleted with the action.",
} satisfies Record<keyof typeof MODES, string>;

/** What runs an action besides whoever asks, and whose approval each run waits for. */
export function ComesToRunFields({ part }: { part: Part }) {
  const mode = textAt(part.value, "execution.mode") || "manual";
  const schedule = valueAt(part.value, "execution.schedule");
  const choose = (chosen: string) => {
    setField(part, "execution.mode", chosen === "manual" ? undefined : chosen);
    if (chosen === "scheduled" && schedule === undefined) {
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
      setField(part, "execution.schedule", { at: { daily: "02:30" }, time_zone: timeZone });
    }
  };
  const own: Part = { ...part, value: isObject(schedule) ? schedule : {}, at: "execution.schedule." };
  const parameters = parametersIn(part.value);
  return (
    <>
      <FormSection title="How it comes to run">
        <Stack gap="md">
          <Input.Wrapper
            label="It is run"
            labelElement="div"
            labelProps={{ style: { display: "block" } }}
            error={errorsOf(part, "execution.mode")}
            data-field="execution.mode"
          >
            <SegmentedControl
              aria-label="It is run"
              value={mode}
              onChange={choose}
              data={Object.entries(MODES).map(([value, label]) => ({ value, label }))}
              mt={4}
            />
            <Text size="sm" c="dimmed" mt={4}>
              {mode in MEANINGS ? MEANINGS[mode as keyof typeof MEANINGS] : null}
            </Text>
          </Input.Wrapper>
          <ApprovalEntry part={part} name="execution.approval" label="Each run waits until people have approved it" />
        </Stack>
      </FormSection>
      {mode === "scheduled" ? (
        <>
          <TimesFields part={own} />
          <FormSection title="What its schedule gives it, and what was missed">
            <Stack gap="md">
              <GivenFields part={own} parameters={parameters} />
              <MisfireFields part={own} />
            </Stack>
          </FormSection>
        </>
      ) : null}
      {mode === "triggered" ? (
        <FormSection title="Alerts that run it">
          <TriggersFields part={part} parameters={parameters} />
        </FormSection>
      ) : null}
    </>
  );
}
