import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { sessionQuery } from "../../nouns/session/queries";
import { Page } from "../../ui/Page";
import { newSchedule } from "./kind";
import { ScheduleForm } from "./ScheduleForm";

const route = getRouteApi("/signed-in/schedules/+new");

/** A new schedule, of an action where one is named. */
export function NewSchedulePage() {
  const { view, action } = route.useSearch();
  const { data: session } = useSuspenseQuery(sessionQuery);
  const [beginning] = useState(() => newSchedule(action, Intl.DateTimeFormat().resolvedOptions().timeZone));
  return (
    <Page title="New schedule" about="When an action runs by itself">
      <ScheduleForm
        person={session.name}
        name={action === undefined ? "+new" : `+new ${action}`}
        beginning={beginning}
        isText={view === "yaml"}
      />
    </Page>
  );
}
