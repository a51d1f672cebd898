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
import { WindowForm } from "./WindowForm";

const route = getRouteApi("/signed-in/maintenance-windows/$name");

/** A maintenance window that there is, to be changed or deleted. */
export function EditWindowPage() {
  const { name } = route.useParams();
  const { view } = route.useSearch();
  const stored = useTextOfNow("maintenance-windows", name);
  const { data: session } = useSuspenseQuery(sessionQuery);
  const refusal = useRefusal("maintenance_windows.write");
  const navigate = useNavigate();
  const beginning = useMemo(() => (stored === undefined ? null : beginningOf("maintenance_window", stored)), [stored]);
  if (beginning === null || stored === undefined) {
    return <Reading label="The maintenance window is being read" />;
  }
  return (
    <Page
      title={name}
      about={`A maintenance window, version ${stored.version}; saving makes another one`}
      actions={
        <>
          <ButtonLink to="/maintenance-windows/$name/versions" params={{ name }} variant="default">
            Versions
          </ButtonLink>
          <DeleteButton
            kind="maintenance-windows"
            noun="maintenance window"
            of={{ name, version: stored.version }}
            refusal={refusal}
            text="What it holds now begins to run."
            onDeleted={() => void navigate({ to: "/schedules", search: { show: "windows" } })}
          />
        </>
      }
    >
      <WindowForm key={name} person={session.name} name={name} beginning={beginning} isText={view === "yaml"} />
    </Page>
  );
}
