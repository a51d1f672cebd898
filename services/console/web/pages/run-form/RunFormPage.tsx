import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type Action, actionQuery, titleOf } from "../../nouns/action/queries";
import { StarButton } from "../../nouns/action/StarButton";
import { runQuery } from "../../nouns/run/queries";
import { againWith } from "../../parameters/again";
import { Page } from "../../ui/Page";
import { AgainNote } from "./AgainNote";
import { RunForm } from "./RunForm";

const route = getRouteApi("/signed-in/actions/$name/run");

/** What to run an action with, what that would do, and the button that does it. */
export function RunFormPage() {
  const { name } = route.useParams();
  const { again } = route.useSearch();
  const { data: action } = useSuspenseQuery(actionQuery(name));
  return (
    <Page
      title={`${again === undefined ? "Run" : "Run again"}: ${titleOf(action)}`}
      about={action.description}
      beside={<StarButton action={action} />}
    >
      {again === undefined ? (
        <RunForm key={action.uid} action={action} />
      ) : (
        <FormOfEarlier key={`${action.uid} ${again}`} action={action} runId={again} />
      )}
    </Page>
  );
}

function FormOfEarlier({ action, runId }: { action: Action; runId: string }) {
  const { data: earlier } = useSuspenseQuery(runQuery(runId));
  const again = againWith(action.parameters, earlier.parameters);
  return (
    <>
      <AgainNote action={action} earlier={earlier} again={again} />
      <RunForm action={action} initial={again.drafts} rerunOf={earlier.id} />
    </>
  );
}
