import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { Search } from "lucide-react";
import { useState } from "react";

interface SearchTextProps {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

const PAUSE = 250;
/** As many characters as the API takes. */
const LONGEST = 200;

/** A text to search by, taken over as one types. */
export function SearchText({ label, value = "", onChange }: SearchTextProps) {
  // `sent` tells what comes back of one's own typing from what something else has set meanwhile.
  const [{ draft, seen, sent }, set] = useState({ draft: value, seen: value, sent: value });
  if (value !== seen) {
    set(value === sent ? { draft, seen: value, sent } : { draft: value, seen: value, sent: value });
  }
  const send = useDebouncedCallback((text: string) => {
    set((now) => ({ ...now, sent: text }));
    onChange(text || undefined);
  }, PAUSE);
  const type = (text: string) => {
    set((now) => ({ ...now, draft: text }));
    send(text.trim());
  };
  return (
    <TextInput
      type="search"
      aria-label={label}
      aria-keyshortcuts="/"
      placeholder={label}
      value={draft}
      maxLength={LONGEST}
      onChange={(event) => type(event.currentTarget.value)}
      leftSection={<Search size={16} aria-hidden />}
      rightSection={
        draft === "" ? null : <CloseButton size="sm" aria-label="Clear the search" onClick={() => type("")} />
      }
      miw={180}
      flex={1}
    />
  );
}
