import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { sessionQuery } from "../../nouns/session/queries";
import { Page } from "../../ui/Page";
import { ChannelForm } from "./ChannelForm";
import { NEW_CHANNEL } from "./kind";

const route = getRouteApi("/signed-in/channels/+new");

/** A new place that notifications go to. */
export function NewChannelPage() {
  const { view } = route.useSearch();
  const { data: session } = useSuspenseQuery(sessionQuery);
  return (
    <Page title="New channel" about="Where notifications of runs and of what waits for approval go">
      <ChannelForm person={session.name} name="+new" beginning={NEW_CHANNEL} isText={view === "yaml"} />
    </Page>
  );
}
