import { Button, Group, PasswordInput, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useState } from "react";
import { useSaveSecret } from "../../nouns/secret/queries";
import { secretNamesQuery } from "../../nouns/secret/suggestions";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { takeFocus } from "../../ui/takeFocus";

interface SecretChoiceProps {
  label: string;
  /** The name of the secret; empty where there is none. */
  value: string;
  onChange: (name: string) => void;
  error: string | null;
  /** Of whom it is, for the name of a new one. */
  provider: string;
  suffix: string;
  /** It has lines, as keys have. */
  isLong?: boolean;
}

/** Beside the field, whatever stands below that. */
const BELOW_A_LABEL = 25;

/** A stored secret by its name, or a new one: its value goes to the server once, and nothing shows it again. */
export function SecretChoice({ label, value, onChange, error, provider, suffix, isLong = false }: SecretChoiceProps) {
  const { data: names = [] } = useQuery(secretNamesQuery);
  const [isNew, setIsNew] = useState(false);
  const known = value === "" || names.includes(value) ? names : [value, ...names];
  return (
    <Stack gap={6}>
      <Group align="flex-start" gap="xs">
        <Select
          label={label}
          placeholder="none"
          data={known}
          value={value || null}
          onChange={(name) => onChange(name ?? "")}
          error={error}
          searchable
          clearable
          limit={100}
          flex={1}
        />
        <Button variant="default" mt={BELOW_A_LABEL} onClick={() => setIsNew(!isNew)} aria-expanded={isNew}>
          {isNew ? "Not a new one" : "New secret"}
        </Button>
      </Group>
      {isNew ? (
        <NewSecret
          label={label}
          name={provider === "" ? "" : `${provider}-${suffix}`}
          isLong={isLong}
          onStored={(name) => {
            onChange(name);
            setIsNew(false);
          }}
        />
      ) : null}
    </Stack>
  );
}

interface NewSecretProps {
  label: string;
  name: string;
  isLong: boolean;
  onStored: (name: string) => void;
}

function NewSecret({ label, name: suggested, isLong, onStored }: NewSecretProps) {
  const create = useSaveSecret(null);
  const [name, setName] = useState(suggested);
  const [value, setValue] = useState("");
  const Input = isLong ? Textarea : PasswordInput;
  const isComplete = name.trim() !== "" && value !== "";
  const store = () =>
    create.mutate({ name: name.trim(), description: "", value }, { onSuccess: () => onStored(name.trim()) });
  // It stands in the form of the provider, which is not what Enter is meant for here.
  const storeByEnter = (event: KeyboardEvent) => {
    if (event.key === "Enter" && event.target instanceof HTMLInputElement) {
      event.preventDefault();
      if (isComplete) {
        store();
      }
    }
  };
  return (
    <Stack ref={takeFocus} gap={6} pl="md" onKeyDown={storeByEnter}>
      <TextInput label="Name of the secret" value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Input
        label={`${label} itself`}
        description="Encrypted as it arrives; nothing shows it again"
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        {...(isLong ? { minRows: 4, autosize: true } : {})}
      />
      {create.error === null ? null : <ProblemAlert error={create.error} />}
      <Group>
        <Button variant="light" loading={create.isPending} disabled={!isComplete} onClick={store}>
          Store the secret
        </Button>
      </Group>
    </Stack>
  );
}
