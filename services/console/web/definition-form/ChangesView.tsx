import { Collapse, Stack } from "@mantine/core";
import { useState } from "react";
import { DiffText } from "../ui/DiffText";
import { UnfoldButton } from "../ui/UnfoldButton";

/** What a save would change, for whoever wants to look at it once more. */
export function ChangesView({ diff }: { diff: string }) {
  const [isShown, setShown] = useState(false);
  if (diff === "") {
    return null;
  }
  return (
    <Stack gap={6} align="flex-start">
      <UnfoldButton isOpen={isShown} onToggle={() => setShown(!isShown)}>
        What a save changes
      </UnfoldButton>
      <Collapse expanded={isShown} w="100%">
        {isShown ? <DiffText diff={diff} label="What a save changes" /> : null}
      </Collapse>
    </Stack>
  );
}
