import { Tooltip } from "@mantine/core";
import { exactText, relativeText } from "./time";
import { useNow } from "./useNow";

/** An instant as people say it; the exact one, with its zone, on hover and for whoever has it read out. */
export function RelativeTime({ at }: { at: string }) {
  const instant = new Date(at);
  const now = useNow();
  return (
    <Tooltip label={exactText(instant)} withinPortal>
      <time dateTime={at} style={{ whiteSpace: "nowrap" }}>
        {relativeText(instant, now)}
      </time>
    </Tooltip>
  );
}
