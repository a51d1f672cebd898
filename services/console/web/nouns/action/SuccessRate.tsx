import classes from "./Facts.module.css";
import { rateText } from "./rate";

const GOOD = 0.95;
const FAIR = 0.8;

/** Which part of an action's last runs succeeded, as a ring and as a number. */
export function SuccessRate({ rate }: { rate: number | null }) {
  if (rate === null) {
    return null;
  }
  const color = rate >= GOOD ? "teal" : rate >= FAIR ? "yellow" : "red";
  return (
    <span className={classes.fact} title={`${rateText(rate)} of its last runs succeeded`}>
      <svg className={classes.ring} viewBox="0 0 22 22" data-color={color} aria-hidden>
        <circle cx="11" cy="11" r="6" />
        {rate === 0 ? null : <circle cx="11" cy="11" r="6" pathLength="100" strokeDasharray={`${rate * 100} 100`} />}
      </svg>
      {rateText(rate)}
    </span>
  );
}
