import { Button, Card, Group, PasswordInput, Stack, Switch, Textarea, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";
import { type Secret, useSaveSecret } from "../../nouns/secret/queries";
import { fieldError, isSaidAtFields } from "../../parameters/errors";
import { DeedButton } from "../../ui/DeedButton";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { takeFocus } from "../../ui/takeFocus";

interface SecretFormProps {
  /** What it replaces; none where it is a new one. */
  before: Secret | null;
  onDone: () => void;
}

const FIELDS = ["name", "description", "value"];

/** A secret's value, which goes to the server once and is shown by nothing again. */
export function SecretForm({ before, onDone }: SecretFormProps) {
  const save = useSaveSecret(before);
  const [name, setName] = useState(before?.name ?? "");
  const [description, setDescription] = useState(before?.description ?? "");
  const [value, setValue] = useState("");
  const [hasLines, setHasLines] = useState(false);
  const title = before === null ? "A new secret" : `Replace ${before.name}`;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(
      { name: name.trim(), description, value },
      {
        onSuccess: ({ data }) => {
          notifications.show({ color: "teal", message: `The secret ${name.trim()} is stored.` });
          for (const { message } of data?.warnings ?? []) {
            notifications.show({ color: "yellow", title: name.trim(), message });
          }
          onDone();
        },
      },
    );
  };
  const refusal =
    name.trim() === "" ? "Give it a name first." : before === null && value === "" ? "Give it a value first." : null;
  const input = {
    label: "Value",
    description:
      before === null
        ? "Encrypted as it arrives; nothing shows it again"
        : "Left empty, the value that is stored stays",
    value,
    error: fieldError(save.error, "value"),
    autoComplete: "new-password",
    spellCheck: false,
  };
  return (
    <Card ref={takeFocus} withBorder component="form" onSubmit={submit} maw={560} aria-label={title}>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {title}
        </Title>
        {before === null ? (
          <TextInput
            label="Name"
            description="As providers and actions name it: small letters, digits, dots, dashes and underscores"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={fieldError(save.error, "name")}
            autoComplete="off"
            required
          />
        ) : null}
        <TextInput
          label="Description"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={fieldError(save.error, "description")}
        />
        {hasLines ? (
          <Textarea {...input} minRows={6} autosize onChange={(event) => setValue(event.currentTarget.value)} />
        ) : (
          <PasswordInput {...input} onChange={(event) => setValue(event.currentTarget.value)} />
        )}
        <Switch
          label="It has several lines, as a private key has"
          checked={hasLines}
          onChange={(event) => {
            setHasLines(event.currentTarget.checked);
            setValue("");
          }}
        />
        {save.error === null || isSaidAtFields(save.error, [], FIELDS) ? null : <ProblemAlert error={save.error} />}
        <Group>
          <DeedButton type="submit" loading={save.isPending} refusal={refusal}>
            Store it
          </DeedButton>
          <Button variant="default" onClick={onDone}>
            Back
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}
