import { Button, Checkbox, Popover, Stack } from "@mantine/core";
import { Columns3 } from "lucide-react";

interface ColumnsMenuProps {
  labels: readonly string[];
  shown: readonly string[];
  /** Null for those that are shown where nobody has chosen. */
  onChange: (shown: readonly string[] | null) => void;
}

/** Which columns the history has. */
export function ColumnsMenu({ labels, shown, onChange }: ColumnsMenuProps) {
  return (
    <Popover position="bottom-end" trapFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<Columns3 size={16} aria-hidden />} visibleFrom="sm">
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
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
      </Popover.Dropdown>
    </Popover>
  );
}
