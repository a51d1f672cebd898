import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { sessionQuery } from "../../nouns/session/queries";
import { Page } from "../../ui/Page";
import { IntegrationForm } from "./IntegrationForm";
import { NEW_INTEGRATION } from "./kind";

const route = getRouteApi("/signed-in/integrations/+new");

/** A new sender of alerts, with credentials of its own. */
export function NewIntegrationPage() {
  const { view } = route.useSearch();
  const { data: session } = useSuspenseQuery(sessionQuery);
  return (
    <Page title="New integration" about="A sender of alerts, with credentials of its own">
      <IntegrationForm person={session.name} name="+new" beginning={NEW_INTEGRATION} isText={view === "yaml"} />
    </Page>
  );
}
