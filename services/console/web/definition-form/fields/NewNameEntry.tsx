import type { Part } from "./Part";
import { TextEntry } from "./TextEntry";

/** The name of something new. */
export function NewNameEntry({ part }: { part: Part }) {
  return (
    <TextEntry
      part={part}
      name="name"
      label="Name"
      description="a-z, 0-9, '.', '_' and '-'. It stays"
      isNeeded
      isCode
    />
  );
}
