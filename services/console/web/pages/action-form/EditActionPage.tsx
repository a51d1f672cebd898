import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { beginningOf } from "../../definition-form/beginning";
import { ViewTabs } from "../../definition-form/ViewTabs";
import { useTextOfNow } from "../../nouns/definition/texts";
import { sessionQuery } from "../../nouns/session/queries";
import { ButtonLink } from "../../ui/links";
import { Page } from "../../ui/Page";
import { Reading } from "../../ui/Reading";
import { ActionForm } from "./ActionForm";
import { FileSetNote } from "./FileSetNote";

const route = getRouteApi("/signed-in/actions/$name/edit");

/** Another version of an action that there is. */
export function EditActionPage() {
  const { name } = route.useParams();
  const { view } = route.useSearch();
  const stored = useTextOfNow("actions", name);
  const { data: session } = useSuspenseQuery(sessionQuery);
  const beginning = useMemo(() => (stored === undefined ? null : beginningOf("action", stored)), [stored]);
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
