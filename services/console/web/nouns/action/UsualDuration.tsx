import { Timer } from "lucide-react";
import { durationText } from "../../ui/time";
import classes from "./Facts.module.css";

/** How long an action usually takes, where that is known. */
export function UsualDuration({ seconds }: { seconds: number | null }) {
  if (seconds === null) {
    return null;
  }
  return (
    <span className={classes.fact} title="How long its last runs took, whatever their parameters">
      <Timer size={15} aria-hidden />
      {durationText(seconds)}
    </span>
  );
}
