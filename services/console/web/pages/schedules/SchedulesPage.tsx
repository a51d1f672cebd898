import { getRouteApi } from "@tanstack/react-router";
import { Page } from "../../ui/Page";
import { TabLink, TabLinks } from "../../ui/TabLinks";
import { CalendarView } from "./CalendarView";
import { NewButton } from "./NewButton";
import { ScheduleList } from "./ScheduleList";
import { WindowList } from "./WindowList";

const route = getRouteApi("/signed-in/schedules");

/** What runs by itself, and when it does not. */
export function SchedulesPage() {
  const { show, period, day, zone } = route.useSearch();
  return (
    <Page
      title="Schedules"
      about="When actions run by themselves, and when they wait"
      actions={<NewButton kind={show === "windows" ? "window" : "schedule"} />}
    >
      <TabLinks label="Schedules by">
        <TabLink to="/schedules" search={{}} isShown={show === undefined}>
          Schedules
        </TabLink>
        <TabLink to="/schedules" search={{ show: "windows" }} isShown={show === "windows"}>
          Maintenance windows
        </TabLink>
        <TabLink to="/schedules" search={{ show: "calendar" }} isShown={show === "calendar"}>
          Calendar
        </TabLink>
      </TabLinks>
      {show === undefined ? <ScheduleList /> : null}
      {show === "windows" ? <WindowList /> : null}
      {show === "calendar" ? <CalendarView period={period ?? "month"} day={day} timeZone={zoneOf(zone)} /> : null}
    </Page>
  );
}

/** The zone that is asked for, where there is such a one; else this browser's. */
function zoneOf(asked: string | undefined): string {
  try {
    return new Intl.DateTimeFormat(undefined, { timeZone: asked }).resolvedOptions().timeZone;
  } catch {
    return Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
}
