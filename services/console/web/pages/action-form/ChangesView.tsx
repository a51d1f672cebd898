import { Code, Collapse, Stack } from "@mantine/core";
import { useState } from "react";
import { UnfoldButton } from "../../ui/UnfoldButton";

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
        {isShown ? (
          <Code
            block
            mah={400}
            tabIndex={0}
            aria-label="What a save changes"
            role="region"
            style={{ overflow: "auto" }}
          >
            {diff}
          </Code>
        ) : null}
      </Collapse>
    </Stack>
  );
}
