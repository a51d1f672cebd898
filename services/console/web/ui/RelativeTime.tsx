import { Tooltip } from "@mantine/core";
import { HINTS } from "./hints";
import { exactText, relativeText } from "./time";
import { useNow } from "./useNow";

/** An instant as people say it; the exact one, with its zone, on hover, by a finger, and for whoever has it read out. */
export function RelativeTime({ at }: { at: string }) {
  const instant = new Date(at);
  const now = useNow();
  return (
    <Tooltip label={exactText(instant)} events={HINTS} withinPortal>
      <time dateTime={at} style={{ whiteSpace: "nowrap" }}>
        {relativeText(instant, now)}
      </time>
    </Tooltip>
  );
}
