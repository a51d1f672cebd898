import { TextInput } from "@mantine/core";
import { type ChangeEvent, useState } from "react";
import { dayOf, isWholeDay } from "./days";

interface DayFieldProps {
  label: string;
  /** The instant that the day was taken for. */
  value: string | undefined;
  onChange: (day: string | undefined) => void;
}

/**
 * A day to filter by. Whoever types one comes by years such as 2 and 202, which are theirs alone until the year is whole,
 * and by a date with a part missing, which is not yet that there is none.
 */
export function DayField({ label, value, onChange }: DayFieldProps) {
  const day = value === undefined ? "" : dayOf(value);
  const [draft, setDraft] = useState(day);
  const [seen, setSeen] = useState(day);
  if (seen !== day) {
    setSeen(day);
    setDraft(day);
  }
  const type = ({ currentTarget: { value: typed, validity } }: ChangeEvent<HTMLInputElement>) => {
    setDraft(typed);
    if (typed === "" ? !validity.badInput : isWholeDay(typed)) {
      onChange(typed || undefined);
    }
  };
  return (
    <TextInput
      type="date"
      label={label}
      value={draft}
      max="9999-12-31"
      onChange={type}
      onBlur={() => setDraft(day)}
      w={150}
    />
  );
}
