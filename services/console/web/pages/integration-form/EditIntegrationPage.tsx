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
import { IntegrationForm } from "./IntegrationForm";

const route = getRouteApi("/signed-in/integrations/$name");

/** An integration that there is, to be changed or deleted. */
export function EditIntegrationPage() {
  const { name } = route.useParams();
  const { view } = route.useSearch();
  const stored = useTextOfNow("integrations", name);
  const { data: session } = useSuspenseQuery(sessionQuery);
  const refusal = useRefusal("integrations.write");
  const navigate = useNavigate();
  const beginning = useMemo(() => (stored === undefined ? null : beginningOf("integration", stored)), [stored]);
  if (beginning === null || stored === undefined) {
    return <Reading label="The integration is being read" />;
  }
  return (
    <Page
      title={name}
      about={`An integration, version ${stored.version}; saving makes another one`}
      actions={
        <>
          <ButtonLink to="/integrations/$name/versions" params={{ name }} variant="default">
            Versions
          </ButtonLink>
          <DeleteButton
            kind="integrations"
            noun="integration"
            of={{ name, version: stored.version }}
            refusal={refusal}
            text="What its sender posts is refused from then on."
            onDeleted={() => void navigate({ to: "/settings", search: { show: "integrations" } })}
          />
        </>
      }
    >
      <IntegrationForm key={name} person={session.name} name={name} beginning={beginning} isText={view === "yaml"} />
    </Page>
  );
}
