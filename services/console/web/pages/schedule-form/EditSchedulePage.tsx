import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { beginningOf } from "../../definition-form/beginning";
import { useTextOfNow } from "../../nouns/definition/texts";
import { sessionQuery } from "../../nouns/session/queries";
import { Page } from "../../ui/Page";
import { Reading } from "../../ui/Reading";
import { ScheduleForm } from "./ScheduleForm";

const route = getRouteApi("/signed-in/schedules/$name/edit");

/** Another version of a schedule that there is. */
export function EditSchedulePage() {
  const { name } = route.useParams();
  const { view } = route.useSearch();
  const stored = useTextOfNow("schedules", name);
  const { data: session } = useSuspenseQuery(sessionQuery);
  const beginning = useMemo(() => (stored === undefined ? null : beginningOf("schedule", stored)), [stored]);
  if (beginning === null) {
    return <Reading label="The schedule is being read" />;
  }
  return (
    <Page title={`Edit ${name}`} about={`Version ${beginning.version}; saving makes another one`}>
      <ScheduleForm key={name} person={session.name} name={name} beginning={beginning} isText={view === "yaml"} />
    </Page>
  );
}
