import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { beginningOf } from "../../definition-form/beginning";
import { DeleteButton } from "../../nouns/definition/DeleteButton";
import { useTextOfNow } from "../../nouns/definition/texts";
import { useRefusal } from "../../nouns/session/can";
import { sessionQuery } from "../../nouns/session/queries";
import { ButtonLink } from "../../ui/links";
import { Page } from "../../ui/Page";
import { Reading } from "../../ui/Reading";
import { ChannelForm } from "./ChannelForm";

const route = getRouteApi("/signed-in/channels/$name");

/** A channel that there is, to be changed or deleted. */
export function EditChannelPage() {
  const { name } = route.useParams();
  const { view } = route.useSearch();
  const stored = useTextOfNow("channels", name);
  const { data: session } = useSuspenseQuery(sessionQuery);
  const refusal = useRefusal("channels.write");
  const navigate = useNavigate();
  const beginning = useMemo(() => (stored === undefined ? null : beginningOf("channel", stored)), [stored]);
  if (beginning === null || stored === undefined) {
    return <Reading label="The channel is being read" />;
  }
  return (
    <Page
      title={name}
      about={`A channel, version ${stored.version}; saving makes another one`}
      actions={
        <>
          <ButtonLink to="/channels/$name/versions" params={{ name }} variant="default">
            Versions
          </ButtonLink>
          <DeleteButton
            kind="channels"
            noun="channel"
            of={{ name, version: stored.version }}
            refusal={refusal}
            text="Nobody is told anything there any more."
            onDeleted={() => void navigate({ to: "/settings", search: { show: "channels" } })}
          />
        </>
      }
    >
      <ChannelForm key={name} person={session.name} name={name} beginning={beginning} isText={view === "yaml"} />
    </Page>
  );
}
