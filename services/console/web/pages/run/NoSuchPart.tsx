import { Button, Group } from "@mantine/core";
import { EmptyState } from "../../ui/EmptyState";
import { ButtonLink } from "../../ui/links";
import type { NoSuch } from "./noSuch";
import { goToSteps } from "./StepList";

/** In the place of an output that the address asks for and the run does not have: that, and the ways on. */
export function NoSuchPart({ runId, noSuch: { text, step } }: { runId: string; noSuch: NoSuch }) {
  return (
    <EmptyState title={text}>
      <Group gap="xs" justify="center">
        <ButtonLink
          to="/runs/$runId"
          params={{ runId }}
          search={step === null ? {} : { step }}
          hash=""
          resetScroll={false}
          variant="default"
        >
          {step === null ? "Show all output" : `Show the output of ${step}`}
        </ButtonLink>
        <Button variant="default" onClick={goToSteps}>
          To the steps
        </Button>
      </Group>
    </EmptyState>
  );
}
