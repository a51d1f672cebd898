import { CalendarClock, PauseCircle } from "lucide-react";
import { TextLink } from "../../ui/links";
import classes from "./Calendar.module.css";
import type { CalendarEntry } from "./calendarEntries";

/** What comes on a day, with when; it leads to the schedule or the window. */
export function CalendarEntryLine({ entry: { kind, name, about, text, owner } }: { entry: CalendarEntry }) {
  const words = kind === "schedule" ? `runs ${about}` : `holds ${about}`;
  const inner = (
    <>
      {kind === "schedule" ? (
        <CalendarClock size={13} role="img" aria-label="Schedule" />
      ) : (
        <PauseCircle size={13} role="img" aria-label="Maintenance window" />
      )}
      <span className={classes.name}>{owner ?? name}</span>
      <span className={classes.times}>{text}</span>
    </>
  );
  const look = { className: classes.entry, c: "inherit", size: "xs", title: `${name} ${words}` } as const;
  return kind === "schedule" ? (
    <TextLink to="/schedules/$name" params={{ name }} data-kind={kind} {...look}>
      {inner}
    </TextLink>
  ) : (
    <TextLink to="/maintenance-windows/$name" params={{ name }} data-kind={kind} {...look}>
      {inner}
    </TextLink>
  );
}
