import { VisuallyHidden } from "@mantine/core";
import type { Run } from "../../nouns/run/states";

/** Says once, to whoever has the page read out, which step begins and how the run ended; the output itself stays quiet. */
export function StepAnnouncement({ run }: { run: Run }) {
  const current = run.progress.current_step;
  const text =
    run.ended_at === null ? (current === null ? "" : `Step ${current} runs.`) : `The run has ended: ${run.state}.`;
  return <VisuallyHidden role="status">{text}</VisuallyHidden>;
}
