import { Button, Group, SegmentedControl, SimpleGrid, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";
import { type ChangeEvent, type FormEvent, useState } from "react";
import { type Provider, useSaveProvider } from "../../nouns/provider/queries";
import { useRefusal } from "../../nouns/session/can";
import { fieldError, isSaidAtFields } from "../../parameters/errors";
import { DeedButton } from "../../ui/DeedButton";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { TypedNote } from "../../ui/TypedNote";
import { forgetTyped, useKeepTyped, useTyped } from "../../ui/useTyped";
import { bodyOf, PROVIDER_DRAFT, type ProviderDraft } from "./draft";
import { SecretChoice } from "./SecretChoice";

interface ProviderFormProps {
  /** The version that is changed; none where it is a new one. */
  before: Provider | null;
  initial: ProviderDraft;
  deed: string;
  onSaved: (name: string) => void;
}

const FIELDS = {
  name: "name",
  description: "description",
  host: "connection.ssh.host",
  port: "connection.ssh.port",
  user: "connection.ssh.user",
  privateKey: "connection.ssh.private_key",
  passphrase: "connection.ssh.passphrase",
  password: "connection.ssh.password",
  hostKey: "connection.ssh.host_key",
  jump: "connection.ssh.jump",
  labels: "labels",
  pool: "pool",
} satisfies Partial<Record<keyof ProviderDraft, string>>;

const SECRETS = [FIELDS.privateKey, FIELDS.passphrase, FIELDS.password].map((field) => `${field}.secret`);
/** Where the server says that there is nothing to log in with. */
const CREDENTIALS = "connection.ssh";
const LACKS_CREDENTIAL = "Choose a secret with the key, or make one; or give a password below.";

/** What there is to say of a machine; faults stand at their fields, in the server's words. */
export function ProviderForm({ before, initial, deed, onSaved }: ProviderFormProps) {
  const form = `provider ${before?.name ?? ""} ${before?.version ?? ""}`;
  const [found, forgetFound] = useTyped(form, PROVIDER_DRAFT);
  // As it was when the form opened: whoever shows it makes it anew each time.
  const [begun] = useState(initial);
  const [draft, setDraft] = useState(found?.fields ?? begun);
  const isTyped = draft !== begun;
  useKeepTyped(form, isTyped ? draft : null);
  const discard = () => {
    setDraft(begun);
    forgetFound();
  };
  const save = useSaveProvider(before?.version ?? null);
  const refusal = useRefusal("providers.write");
  const sent = save.variables?.connection.ssh;
  const lacksCredential =
    sent != null && !sent.private_key && !sent.password && fieldError(save.error, CREDENTIALS) !== null;
  const set = (changed: Partial<ProviderDraft>) => setDraft((known) => ({ ...known, ...changed }));
  const field = (name: Exclude<keyof typeof FIELDS, "labels">) => ({
    value: draft[name],
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      set({ [name]: event.currentTarget.value }),
    error: fieldError(save.error, FIELDS[name]),
  });
  const secret = (name: "privateKey" | "passphrase" | "password") => ({
    value: draft[name],
    onChange: (value: string) => set({ [name]: value }),
    error:
      fieldError(save.error, FIELDS[name]) ??
      fieldError(save.error, `${FIELDS[name]}.secret`) ??
      (name === "privateKey" && lacksCredential ? LACKS_CREDENTIAL : null),
    provider: draft.name.trim(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = bodyOf(draft, before);
    save.mutate(body, {
      onSuccess: () => {
        forgetTyped(form);
        onSaved(body.name);
      },
    });
  };
  const isSaid = isSaidAtFields(
    save.error,
    [],
    [...Object.values(FIELDS), ...SECRETS, ...(lacksCredential ? [CREDENTIALS] : [])],
  );
  const isChanged = before === null || isTyped;
  return (
    <Stack component="form" onSubmit={submit} maw={760}>
      <TypedNote found={found} onDiscard={discard} />
      {save.error !== null && !isSaid ? <ProblemAlert error={save.error} /> : null}
      {before === null ? (
        <TextInput
          label="Name"
          description="As actions name it: small letters, digits, dots, dashes and underscores"
          required
          autoComplete="off"
          {...field("name")}
        />
      ) : null}
      <TextInput label="Description" {...field("description")} />
      <SegmentedControl
        aria-label="How it is reached"
        maw="100%"
        styles={{ label: { whiteSpace: "normal" } }}
        value={draft.way}
        onChange={(way) => set({ way: way === "local" ? "local" : "ssh" })}
        data={[
          { value: "ssh", label: "Over SSH" },
          { value: "local", label: "The executor's own machine" },
        ]}
      />
      {draft.way === "ssh" ? (
        <>
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            <TextInput label="Host" required autoComplete="off" {...field("host")} />
            <TextInput label="User" required autoComplete="off" {...field("user")} />
            <TextInput label="Port" inputMode="numeric" {...field("port")} />
          </SimpleGrid>
          <SecretChoice label="Private key" isLong suffix="key" {...secret("privateKey")} />
          <SecretChoice label="Passphrase of the key" suffix="passphrase" {...secret("passphrase")} />
          <SecretChoice label="Password" suffix="password" {...secret("password")} />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput label="Jump host" description="The provider that leads to it" {...field("jump")} />
            <Textarea
              label="Host key"
              description="Its fingerprint or public key; otherwise pinned on first use"
              autosize
              {...field("hostKey")}
            />
          </SimpleGrid>
        </>
      ) : null}
      <TagsInput
        label="Labels"
        description="As role=web; selectors of steps find providers by them. Enter adds one"
        value={draft.labels}
        onChange={(labels) => set({ labels })}
        error={fieldError(save.error, FIELDS.labels)}
        acceptValueOnBlur
      />
      <TextInput label="Pool" description="Which executors reach it" {...field("pool")} />
      <Group>
        <DeedButton
          type="submit"
          refusal={refusal ?? (isChanged ? null : "Nothing is changed.")}
          loading={save.isPending}
          onClick={() => {}}
        >
          {deed}
        </DeedButton>
        {before !== null && isChanged ? (
          <Button variant="default" onClick={discard}>
            Undo the changes
          </Button>
        ) : null}
      </Group>
    </Stack>
  );
}
