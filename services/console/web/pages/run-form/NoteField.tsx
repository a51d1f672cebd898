import { Textarea } from "@mantine/core";

interface NoteFieldProps {
  value: string;
  onChange: (note: string) => void;
  error: string | null;
}

const LONGEST = 1_000;

export function NoteField({ value, onChange, error }: NoteFieldProps) {
  return (
    <Textarea
      label="Note"
      description="Why, for whoever reads it later."
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      maxLength={LONGEST}
      autosize
      maxRows={6}
    />
  );
}
