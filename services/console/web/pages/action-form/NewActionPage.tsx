import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { copyOf } from "../../definition-form/beginning";
import type { Beginning } from "../../definition-form/useDefinitionForm";
import { ViewTabs } from "../../definition-form/ViewTabs";
import { useTextOfNow } from "../../nouns/definition/texts";
import { sessionQuery } from "../../nouns/session/queries";
import { templateTextQuery } from "../../nouns/template/queries";
import { ButtonLink } from "../../ui/links";
import { Page } from "../../ui/Page";
import { Reading } from "../../ui/Reading";
import { ActionForm } from "./ActionForm";
import { NEW_ACTION } from "./kind";
import { likeAnother } from "./likeAnother";

const route = getRouteApi("/signed-in/actions/+new");

/** A new action: from nothing, of a template, or like another one. */
export function NewActionPage() {
  const { template, copy } = route.useSearch();
  if (template !== undefined) {
    return <OfTemplate key={template} name={template} />;
  }
  if (copy !== undefined) {
    return <LikeAnother key={copy} name={copy} />;
  }
  return <NewAction about="What is to be done, step by step" form="+new" beginning={NEW_ACTION} />;
}

function OfTemplate({ name }: { name: string }) {
  const { data: text } = useSuspenseQuery(templateTextQuery(name));
  return (
    <NewAction
      about={`Of the template ${name}`}
      form={`+new template ${name}`}
      beginning={copyOf("action", text, name)}
    />
  );
}

function LikeAnother({ name }: { name: string }) {
  const stored = useTextOfNow("actions", name);
  if (stored === undefined) {
    return <Reading label="The action is being read" />;
  }
  const { beginning, isHeldBack } = likeAnother(name, stored.text);
  const about = isHeldBack ? `Like ${name}, but it does not run by itself unless you say so below` : `Like ${name}`;
  return <NewAction about={about} form={`+new copy ${name}`} beginning={beginning} />;
}

interface NewActionProps {
  about: string;
  form: string;
  beginning: Beginning;
}

function NewAction({ about, form, beginning }: NewActionProps) {
  const { view } = route.useSearch();
  const { data: session } = useSuspenseQuery(sessionQuery);
  const isText = view === "yaml";
  return (
    <Page title="New action" about={about}>
      <ViewTabs isText={isText} />
      <ActionForm
        person={session.name}
        name={form}
        beginning={beginning}
        isText={isText}
        cancel={
          <ButtonLink to="/actions" variant="default">
            Cancel
          </ButtonLink>
        }
      />
    </Page>
  );
}
