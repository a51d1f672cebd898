import type { Part } from "../../definition-form/fields/Part";
import { TextEntry } from "../../definition-form/fields/TextEntry";

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
