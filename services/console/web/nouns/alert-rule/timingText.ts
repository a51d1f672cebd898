import { durationText } from "../../ui/time";
import type { AlertRule } from "./queries";

type Response = AlertRule["responses"][number];

/** When the run of a response starts. */
export function timingText({ timing, delay }: Pick<Response, "timing" | "delay">): string {
  if (timing === "after_delay") {
    return typeof delay === "number" ? `after ${durationText(delay)}` : "after a delay";
  }
  return timing === "after_approval" ? "after approval" : "at once";
}
