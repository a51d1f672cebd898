import { Pause, Play, Square } from "lucide-react";
import { useEffect, useRef } from "react";
import { useRunRefusals } from "../../nouns/run/can";
import { useControl } from "../../nouns/run/queries";
import { hasEnded, type Run } from "../../nouns/run/states";
import { askFirst } from "../../ui/askFirst";
import { DeedButton } from "../../ui/DeedButton";
import { closeDialog } from "../../ui/dialog";
import { RerunMenu } from "./RerunMenu";

/** What may be asked of a run: to end, to hold and go on, and once it has ended, to run again. */
export function RunControls({ run }: { run: Run }) {
  const refusals = useRunRefusals(run);
  const control = useControl(run.id);
  const isOver = hasEnded(run.state);
  // A question about a run that ends while it is open has nothing to ask any more.
  const isAsked = useRef(!isOver);
  useEffect(() => {
    if (isOver && isAsked.current) {
      isAsked.current = false;
      closeDialog();
    }
  }, [isOver]);
  if (isOver) {
    return <RerunMenu run={run} refusals={refusals} />;
  }
  const cancel = () =>
    askFirst({
      title: "Cancel this run?",
      text: "What runs now is ended on its machine, and the run says whether it was seen to be over. Steps that always run still do.",
      deed: "Cancel the run",
      asksWhy: true,
      onDo: (comment) => control.mutateAsync({ control: "cancel", comment }),
    });
  const pause = () =>
    askFirst({
      title: "Pause this run?",
      text: "What runs now comes to its end; no further step or attempt begins until somebody resumes it.",
      deed: "Pause the run",
      color: "blue",
      asksWhy: true,
      onDo: (comment) => control.mutateAsync({ control: "pause", comment }),
    });
  return (
    <>
      {run.paused === null ? (
        <DeedButton
          variant="default"
          leftSection={<Pause size={16} aria-hidden />}
          refusal={refusals.pause}
          onClick={pause}
        >
          Pause
        </DeedButton>
      ) : (
        <DeedButton
          leftSection={<Play size={16} aria-hidden />}
          refusal={refusals.resume}
          loading={control.isPending}
          onClick={() => control.mutate({ control: "resume", comment: "" })}
        >
          Resume
        </DeedButton>
      )}
      <DeedButton
        color="red.9"
        leftSection={<Square size={16} aria-hidden />}
        refusal={refusals.cancel}
        onClick={cancel}
      >
        Cancel run
      </DeedButton>
    </>
  );
}
