import { Button, Code, Collapse, Stack } from "@mantine/core";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";

/** What a save would change, for whoever wants to look at it once more. */
export function ChangesView({ diff }: { diff: string }) {
  const [isShown, setShown] = useState(false);
  if (diff === "") {
    return null;
  }
  return (
    <Stack gap={6} align="flex-start">
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={isShown ? <ChevronDown size={15} aria-hidden /> : <ChevronRight size={15} aria-hidden />}
        aria-expanded={isShown}
        onClick={() => setShown(!isShown)}
      >
        What a save changes
      </Button>
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
