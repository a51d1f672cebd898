import { Card, Collapse, Stack, Text, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { z } from "zod/mini";
import { asProblem } from "../../api/problem";
import { useRefusal } from "../../nouns/session/can";
import { type Template, useTemplateUse } from "../../nouns/template/queries";
import { DRAFTS, type Drafts } from "../../parameters/drafts";
import { fieldError, isSaidAtFields, parameterErrors } from "../../parameters/errors";
import { ParameterForm } from "../../parameters/ParameterForm";
import { DeedButton } from "../../ui/DeedButton";
import { ButtonLink } from "../../ui/links";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { TypedNote } from "../../ui/TypedNote";
import { UnfoldButton } from "../../ui/UnfoldButton";
import { forgetTyped, useKeepTyped, useTyped } from "../../ui/useTyped";
import { newDefaults } from "./newDefaults";

const TYPED = z.object({ name: z.string(), title: z.nullable(z.string()), drafts: DRAFTS });

/** Makes an action of a template: under a name, with defaults of one's own where one likes. */
export function UseTemplateForm({ template }: { template: Template }) {
  const form = `template ${template.name}`;
  const [found, forgetFound] = useTyped(form, TYPED);
  const [name, setName] = useState(found?.fields.name ?? template.name);
  const [ownTitle, setOwnTitle] = useState(found?.fields.title ?? null);
  const [drafts, setDrafts] = useState<Drafts>(found?.fields.drafts ?? {});
  const hasDefaults = Object.keys(drafts).length > 0;
  const isTyped = name !== template.name || ownTitle !== null || hasDefaults;
  useKeepTyped(form, isTyped ? { name, title: ownTitle, drafts } : null);
  const [showsDefaults, setShowsDefaults] = useState(hasDefaults);
  const use = useTemplateUse(template.name);
  const navigate = useNavigate();
  const refusal = useRefusal("actions.write");
  const isRenamed = name.trim() !== "" && name.trim() !== template.name;
  const title = ownTitle ?? (isRenamed ? `${template.title}: ${name.trim()}` : template.title);
  const parameters = template.parameters.filter(({ type }) => type !== "secret");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (refusal !== null || use.isPending) {
      return;
    }
    use.mutate(
      { name: name.trim(), title: title.trim(), parameters: newDefaults(parameters, drafts) },
      {
        onSuccess: (action) => {
          if (action !== undefined) {
            forgetTyped(form);
            notifications.show({ color: "teal", title: "The action is there", message: action.title || action.name });
            void navigate({ to: "/actions/$name", params: { name: action.name } });
          }
        },
        onError: (error) => setShowsDefaults((shown) => shown || Object.keys(parameterErrors(error)).length > 0),
      },
    );
  };
  const isTaken = asProblem(use.error).status === 409;
  const isSaid = isTaken || isSaidAtFields(use.error, parameters, ["name", "title"]);
  return (
    <Card withBorder component="form" onSubmit={submit} noValidate aria-label="Use this template">
      <Stack gap="sm">
        <Title order={2} size="h4">
          Use this template
        </Title>
        <Text size="sm" c="dimmed">
          It becomes an action like any other: run it, change it, delete it.
        </Text>
        <TypedNote
          found={found}
          onDiscard={() => {
            setName(template.name);
            setOwnTitle(null);
            setDrafts({});
            forgetFound();
          }}
        />
        <TextInput
          label="Name"
          description="As in addresses and on the command line: a-z, 0-9, '.', '_' and '-'."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={isTaken ? asProblem(use.error).message : fieldError(use.error, "name")}
          withAsterisk
          aria-required
          maxLength={63}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
        />
        <TextInput
          label="Title"
          description="For people; of several actions of one template it says which is which."
          value={title}
          onChange={(event) => setOwnTitle(event.currentTarget.value)}
          error={fieldError(use.error, "title")}
          autoComplete="off"
        />
        {parameters.length === 0 ? null : (
          <UnfoldButton isOpen={showsDefaults} onToggle={() => setShowsDefaults(!showsDefaults)}>
            Other defaults
          </UnfoldButton>
        )}
        <Collapse expanded={showsDefaults}>
          <ParameterForm
            parameters={parameters}
            drafts={drafts}
            onChange={setDrafts}
            errors={parameterErrors(use.error)}
            needsNothing
          />
        </Collapse>
        {use.error === null || isSaid ? null : <ProblemAlert error={use.error} />}
        <DeedButton type="submit" loading={use.isPending} refusal={refusal}>
          Use template
        </DeedButton>
        {refusal === null ? (
          <ButtonLink to="/actions/+new" search={{ template: template.name }} variant="default">
            Customise it first
          </ButtonLink>
        ) : (
          <DeedButton variant="default" refusal={refusal}>
            Customise it first
          </DeedButton>
        )}
      </Stack>
    </Card>
  );
}
