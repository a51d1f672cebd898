import { Tooltip, VisuallyHidden } from "@mantine/core";
import type { CSSProperties } from "react";
import { lookOf, type Run, type RunStep } from "../../nouns/run/states";
import classes from "./Segments.module.css";

/** How far a run is: a bar a step, each in the colour of its state; of a step on many machines as far as it has come. */
export function Segments({ run }: { run: Run }) {
  const { done, total, percent } = run.progress;
  return (
    <div
      className={classes.bar}
      role="progressbar"
      aria-label="Progress of the run"
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuetext={`${done} of ${total} steps have ended`}
    >
      {run.steps.map((step) => (
        <Tooltip key={step.name} label={`${step.name}: ${lookOf(step.state).label}`}>
          <div
            className={classes.segment}
            data-running={step.state === "running" || undefined}
            style={lookOfSegment(step)}
          />
        </Tooltip>
      ))}
      <VisuallyHidden>{percent} %</VisuallyHidden>
    </div>
  );
}

/** In percent: of a step on one machine that runs nobody knows, so half of it is shown. */
function filledOf({ state, invocations }: RunStep): number {
  if (state === "pending" || state === "queued") {
    return 0;
  }
  if (state !== "running") {
    return 100;
  }
  if (invocations === null) {
    return 50;
  }
  const { pending = 0, queued = 0, running = 0, ...ended } = invocations;
  const over = Object.values(ended).reduce((sum, count) => sum + count, 0);
  return (100 * over) / Math.max(1, over + pending + queued + running);
}

function lookOfSegment(step: RunStep): CSSProperties {
  const variables = {
    "--filled": `${filledOf(step)}%`,
    "--color": `var(--mantine-color-${lookOf(step.state).color}-6)`,
  };
  return variables as CSSProperties;
}
