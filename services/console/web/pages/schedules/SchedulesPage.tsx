import { getRouteApi } from "@tanstack/react-router";
import { Page } from "../../ui/Page";
import { TabLink, TabLinks } from "../../ui/TabLinks";
import { NewButton } from "./NewButton";
import { ScheduleList } from "./ScheduleList";
import { WindowList } from "./WindowList";

const route = getRouteApi("/signed-in/schedules");

/** What runs by itself, and when it does not. */
export function SchedulesPage() {
  const { show } = route.useSearch();
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
      </TabLinks>
      {show === undefined ? <ScheduleList /> : <WindowList />}
    </Page>
  );
}
