import { Alert, Stack } from "@mantine/core";
import { CircleHelp, CirclePause, CircleX, Hourglass } from "lucide-react";
import { hasEnded, type Run, type RunStep } from "../../nouns/run/states";
import { waitingText } from "../../nouns/run/waiting";
import { ButtonLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";
import { bringOutput } from "./bringOutput";
import { OverrideButton } from "./OverrideButton";

interface RunNotesProps {
  run: Run;
  /** Have the output shown, whatever of the run is shown now. */
  onOutput: () => void;
}

/** What a person has to know before all else: why it ended as it did, what it waits for, that it was paused. */
export function RunNotes({ run, onOutput }: RunNotesProps) {
  const isOver = hasEnded(run.state);
  const failed = run.steps.find(saysWhyItFailed);
  return (
    <Stack gap="xs">
      {isOver && run.reason_text !== null ? (
        <Alert
          color={run.state === "unknown" ? "yellow" : run.state === "failed" ? "red" : "gray"}
          icon={run.state === "unknown" ? <CircleHelp /> : <CircleX />}
          title={run.state === "unknown" ? "Nobody knows how it ended" : `It ended as ${run.state}`}
        >
          {run.reason_text}
          {failed === undefined ? null : <FailureLink runId={run.id} step={failed.name} onOutput={onOutput} />}
        </Alert>
      ) : null}
      {!isOver && run.paused !== null ? (
        <Alert color="grape" icon={<CirclePause />} title={`Paused by ${run.paused.by}`}>
          {run.paused.comment || "What runs now comes to its end, and nothing new begins."}
        </Alert>
      ) : null}
      {!isOver && run.waiting_for !== null && run.waiting_for.gate !== "pause" && run.approval === null ? (
        <Alert color="blue" icon={<Hourglass />} title="It waits">
          {waitingText(run.waiting_for)}
          {run.waiting_for.until == null ? null : (
            <>
              {" "}
              ({run.waiting_for.gate === "not_before" ? null : "until "}
              <RelativeTime at={run.waiting_for.until} />)
            </>
          )}
          {run.waiting_for.gate === "window" ? <OverrideButton runId={run.id} /> : null}
        </Alert>
      ) : null}
      {!isOver && run.cancel_requested ? (
        <Alert color="gray" icon={<Hourglass />} title="It is being cancelled">
          The command is ended on its machine, and it is seen that nothing of it is left; cleanup steps still run.
        </Alert>
      ) : null}
    </Stack>
  );
}

interface FailureLinkProps {
  runId: string;
  step: string;
  onOutput: () => void;
}

/** Leads to the output of the step that failed, which opens where it speaks of an error. */
function FailureLink({ runId, step, onOutput }: FailureLinkProps) {
  return (
    <ButtonLink
      to="/runs/$runId"
      params={{ runId }}
      search={({ find }: { find?: string | undefined }) => ({ find, step })}
      hash=""
      resetScroll={false}
      onClick={() => {
        onOutput();
        bringOutput();
      }}
      size="xs"
      variant="default"
      mt="xs"
      style={{ display: "block", width: "fit-content" }}
    >
      Show the output of {step}
    </ButtonLink>
  );
}

function saysWhyItFailed({ state, attempts, invocations }: RunStep): boolean {
  return state === "failed" && (invocations !== null || attempts.some(({ output_bytes }) => output_bytes > 0));
}
