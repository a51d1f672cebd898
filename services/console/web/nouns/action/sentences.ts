import type { Schemas } from "../../api/client";
import { durationText } from "../../ui/time";

/** How many runs of an action there may be at a time, and what becomes of one more. */
export function concurrencyText({ limit, key, when_full, queue_limit, queue_ttl }: Schemas["Concurrency"]): string {
  const alike = key === "" ? "" : ` with the same ${key}`;
  const most = limit === 1 ? `One run${alike} at a time` : `At most ${limit} runs${alike} at a time`;
  switch (when_full) {
    case "skip":
      return `${most}; one more is skipped.`;
    case "replace":
      return `${most}; one more cancels the oldest and takes its place.`;
    case "queue":
      return `${most}; one more waits its turn, for ${durationText(Number(queue_ttl))} at most, and ${queue_limit} may wait.`;
  }
}

/** In which batches a planned step goes through its providers. */
export function rolloutText({
  batches,
  batch_sizes,
  max_parallel,
  max_failures,
  check,
}: Schemas["PlannedRollout"]): string {
  const more = batches > batch_sizes.length ? ", …" : "";
  return [
    batches === 1 ? "All in one batch" : `In ${batches} batches, of ${batch_sizes.join(", ")}${more}`,
    max_parallel === null ? "" : `, ${max_parallel} at the same time at most`,
    `; it stops once ${max_failures === 0 ? "one has" : `more than ${max_failures} have`} failed`,
    check === null ? "." : `; '${check}' is run after each batch.`,
  ].join("");
}
