import { Box } from "@mantine/core";
import { FixButton } from "../FixButton";
import { errorsAt } from "../faults";
import type { Part } from "./Part";

/** What is wrong with a field, with the ways out that the server names. */
export function FieldErrors({ part, name }: { part: Part; name: string }) {
  return errorsAt(part.faults, part.at + name).map(({ field, message, fixes }) => (
    <Box component="span" key={`${field} ${message}`} display="block">
      {message}
      {fixes.map((fix) => (
        <Box component="span" key={fix.title} display="block" mt={4}>
          <FixButton fix={fix} change={part.change} />
        </Box>
      ))}
    </Box>
  ));
}
