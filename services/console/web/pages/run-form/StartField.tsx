import { Radio, Stack, TextInput } from "@mantine/core";
import { localText } from "../../ui/localInstant";

interface StartFieldProps {
  /** As a field for date and time has it; null to start at once. */
  value: string | null;
  onChange: (start: string | null) => void;
  error: string | null;
}

const AN_HOUR = 3_600_000;

/** When a run starts: at once, or at a time in the zone of the browser. */
export function StartField({ value, onChange, error }: StartFieldProps) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return (
    <Stack gap="xs">
      <Radio.Group
        label="Start"
        value={value === null ? "now" : "later"}
        onChange={(when) => onChange(when === "now" ? null : localText(new Date(Date.now() + AN_HOUR)))}
      >
        <Stack gap={6} mt={6}>
          <Radio value="now" label="At once" />
          <Radio value="later" label="Later" />
        </Stack>
      </Radio.Group>
      {value === null ? null : (
        <TextInput
          type="datetime-local"
          aria-label="Start at"
          description={`In the zone ${timeZone}`}
          value={value}
          min={localText(new Date())}
          onChange={(event) => onChange(event.currentTarget.value)}
          error={error}
          maw={260}
        />
      )}
    </Stack>
  );
}
