import classes from "./RelativeTime.module.css";
import { exactText, relativeText } from "./time";
import { useHint } from "./useHint";
import { useNow } from "./useNow";

/** An instant as people say it; the exact one, with its zone, on hover, by a finger, and for whoever has it read out. */
export function RelativeTime({ at }: { at: string }) {
  const instant = new Date(at);
  const now = useNow();
  const { of, hint } = useHint<HTMLTimeElement>(() => exactText(instant));
  return (
    <>
      <time {...of} dateTime={at} className={classes.time}>
        {relativeText(instant, now)}
      </time>
      {hint}
    </>
  );
}
