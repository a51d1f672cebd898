import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { sessionQuery } from "../../nouns/session/queries";
import { Page } from "../../ui/Page";
import { newWindow } from "./kind";
import { WindowForm } from "./WindowForm";

const route = getRouteApi("/signed-in/maintenance-windows/+new");

/** A new time in which nothing runs by itself. */
export function NewWindowPage() {
  const { view } = route.useSearch();
  const { data: session } = useSuspenseQuery(sessionQuery);
  const [beginning] = useState(() => newWindow(Intl.DateTimeFormat().resolvedOptions().timeZone));
  return (
    <Page title="New maintenance window" about="A time in which runs of schedules and alert rules wait">
      <WindowForm person={session.name} name="+new" beginning={beginning} isText={view === "yaml"} />
    </Page>
  );
}
