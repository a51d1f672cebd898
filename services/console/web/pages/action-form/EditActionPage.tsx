import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTextOfNow } from "../../nouns/action/definitions";
import { sessionQuery } from "../../nouns/session/queries";
import { ButtonLink } from "../../ui/links";
import { Page } from "../../ui/Page";
import { Reading } from "../../ui/Reading";
import { ActionForm } from "./ActionForm";
import { beginningOf } from "./beginning";
import { FileSetNote } from "./FileSetNote";
import { ViewTabs } from "./ViewTabs";

const route = getRouteApi("/signed-in/actions/$name/edit");

/** Another version of an action that there is. */
export function EditActionPage() {
  const { name } = route.useParams();
  const { view } = route.useSearch();
  const stored = useTextOfNow(name);
  const { data: session } = useSuspenseQuery(sessionQuery);
  const beginning = useMemo(() => (stored === undefined ? null : beginningOf(stored)), [stored]);
  const isText = view === "yaml";
  if (beginning === null) {
    return <Reading label="The action is being read" />;
  }
  return (
    <Page
      title={`Edit ${name}`}
      about={`Version ${beginning.version}; saving makes another one, runs under way keep theirs`}
    >
      <FileSetNote name={name} />
      <ViewTabs isText={isText} />
      <ActionForm
        key={name}
        person={session.name}
        name={name}
        beginning={beginning}
        isText={isText}
        cancel={
          <ButtonLink to="/actions/$name" params={{ name }} variant="default">
            Cancel
          </ButtonLink>
        }
      />
    </Page>
  );
}
