import type { Episode } from "./queries";

/** What a person calls an alert, whatever of it its sender has told. */
export function titleOf({ alert }: Pick<Episode, "alert">): string {
  const [line = ""] = (alert.title || alert.labels.alertname || alert.description || "").split("\n");
  return line || alert.fingerprint;
}
