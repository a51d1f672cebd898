import { Tooltip, VisuallyHidden } from "@mantine/core";
import type { CSSProperties } from "react";
import type { Run } from "../../nouns/run/states";
import { HINTS } from "../../ui/hints";
import classes from "./Segments.module.css";
import { type Segment, segmentOf } from "./segment";

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
      {run.steps.map((step) => {
        const segment = segmentOf(step);
        return (
          <Tooltip key={step.name} label={`${step.name}: ${segment.text}`} events={HINTS}>
            <div
              className={classes.segment}
              data-running={step.state === "running" || undefined}
              style={lookOfSegment(segment)}
            />
          </Tooltip>
        );
      })}
      <VisuallyHidden>{percent} %</VisuallyHidden>
    </div>
  );
}

function lookOfSegment({ color, filled }: Segment): CSSProperties {
  const variables = { "--filled": `${filled}%`, "--color": `var(--mantine-color-${color}-6)` };
  return variables as CSSProperties;
}
