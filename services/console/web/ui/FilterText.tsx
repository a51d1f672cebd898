import { TextInput } from "@mantine/core";
import { useState } from "react";

interface FilterTextProps {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

/** A text to filter by, taken over on Enter or when the field is left: each is a question to the server. */
export function FilterText({ label, value = "", onChange }: FilterTextProps) {
  const [draft, setDraft] = useState(value);
  const [shown, setShown] = useState(value);
  if (shown !== value) {
    setShown(value);
    setDraft(value);
  }
  const take = () => {
    if (draft.trim() !== value) {
      onChange(draft.trim() || undefined);
    }
  };
  return (
    <TextInput
      label={label}
      placeholder="any"
      value={draft}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => event.key === "Enter" && take()}
      w={150}
    />
  );
}
