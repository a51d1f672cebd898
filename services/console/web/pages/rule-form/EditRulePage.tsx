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
import { RuleForm } from "./RuleForm";

const route = getRouteApi("/signed-in/alert-rules/$name");

/** An alert rule that there is, to be changed or deleted. */
export function EditRulePage() {
  const { name } = route.useParams();
  const { view } = route.useSearch();
  const stored = useTextOfNow("alert-rules", name);
  const { data: session } = useSuspenseQuery(sessionQuery);
  const refusal = useRefusal("alert_rules.write");
  const navigate = useNavigate();
  const beginning = useMemo(() => (stored === undefined ? null : beginningOf("alert_rule", stored)), [stored]);
  if (beginning === null || stored === undefined) {
    return <Reading label="The alert rule is being read" />;
  }
  return (
    <Page
      title={name}
      about={`An alert rule, version ${stored.version}; saving makes another one`}
      actions={
        <>
          <ButtonLink to="/alert-rules/$name/versions" params={{ name }} variant="default">
            Versions
          </ButtonLink>
          <DeleteButton
            kind="alert-rules"
            noun="alert rule"
            of={{ name, version: stored.version }}
            refusal={refusal}
            text="No alert leads to a run by it any more."
            onDeleted={() => void navigate({ to: "/alerts", search: { show: "rules" } })}
          />
        </>
      }
    >
      <RuleForm key={name} person={session.name} name={name} beginning={beginning} isText={view === "yaml"} />
    </Page>
  );
}
