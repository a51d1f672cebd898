import { TagsInput } from "@mantine/core";
import { type Json, textsAt } from "../json";
import { type EntryProps, inputProps, setField } from "./Part";

interface TextsEntryProps extends EntryProps {
  suggestions?: readonly string[];
  /** How each is written down; as its text where nothing is said. */
  write?: (text: string) => Json | undefined;
  /** An empty list is what somebody has begun, and not none. */
  isKeptEmpty?: boolean;
  placeholder?: string;
}

const MOST_SHOWN = 50;

/** Several short texts, each added by Enter. */
export function TextsEntry({ suggestions = [], write, isKeptEmpty = false, placeholder, ...entry }: TextsEntryProps) {
  const texts = textsAt(entry.part.value, entry.name);
  return (
    <TagsInput
      {...inputProps(entry)}
      value={texts}
      data={[...new Set(suggestions)]}
      limit={MOST_SHOWN}
      splitChars={[]}
      acceptValueOnBlur
      placeholder={texts.length === 0 ? placeholder : undefined}
      onChange={(given) => {
        const values = given.map((text) => write?.(text) ?? text);
        setField(entry.part, entry.name, values.length === 0 && !isKeptEmpty ? undefined : values);
      }}
    />
  );
}
