import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { actionQuery, titleOf } from "../../nouns/action/queries";
import { StarButton } from "../../nouns/action/StarButton";
import { Page } from "../../ui/Page";
import { RunForm } from "./RunForm";

const route = getRouteApi("/signed-in/actions/$name/run");

/** What to run an action with, what that would do, and the button that does it. */
export function RunFormPage() {
  const { name } = route.useParams();
  const { data: action } = useSuspenseQuery(actionQuery(name));
  return (
    <Page title={`Run: ${titleOf(action)}`} about={action.description} beside={<StarButton action={action} />}>
      <RunForm key={action.uid} action={action} />
    </Page>
  );
}
