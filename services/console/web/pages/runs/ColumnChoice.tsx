import { Button, Checkbox, Stack } from "@mantine/core";

interface ColumnChoiceProps {
  labels: readonly string[];
  shown: readonly string[];
  /** Null for those that are shown where nobody has chosen. */
  onChange: (shown: readonly string[] | null) => void;
}

/** A box to tick for each column. */
export function ColumnChoice({ labels, shown, onChange }: ColumnChoiceProps) {
  return (
    <Stack gap="sm">
      <Checkbox.Group label="Columns" value={[...shown]} onChange={onChange}>
        <Stack gap={8} mt={6}>
          {labels.map((label) => (
            <Checkbox key={label} value={label} label={label} />
          ))}
        </Stack>
      </Checkbox.Group>
      <Button size="xs" variant="default" onClick={() => onChange(null)}>
        As at first
      </Button>
    </Stack>
  );
}
