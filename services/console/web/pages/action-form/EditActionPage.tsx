import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { definitionTextQuery } from "../../nouns/action/definitions";
import { sessionQuery } from "../../nouns/session/queries";
import { ButtonLink } from "../../ui/links";
import { Page } from "../../ui/Page";
import { ActionForm } from "./ActionForm";
import { beginningOf } from "./beginning";
import { ViewTabs } from "./ViewTabs";

const route = getRouteApi("/signed-in/actions/$name/edit");

/** Another version of an action that there is. */
export function EditActionPage() {
  const { name } = route.useParams();
  const { view } = route.useSearch();
  const { data: stored } = useSuspenseQuery(definitionTextQuery(name));
  const { data: session } = useSuspenseQuery(sessionQuery);
  const beginning = useMemo(() => beginningOf(stored), [stored]);
  const isText = view === "yaml";
  return (
    <Page
      title={`Edit ${name}`}
      about={`Version ${stored.version}; saving makes another one, runs under way keep theirs`}
    >
      <ViewTabs isText={isText} />
      <ActionForm
        key={name}
        person={session.name}
        form={name}
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
