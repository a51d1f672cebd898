import {
  Button,
  FileButton,
  Group,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { type FormEvent, useState } from "react";
import { secretNamesQuery } from "../../nouns/secret/suggestions";
import { useRefusal } from "../../nouns/session/can";
import { fieldError, isSaidAtFields } from "../../parameters/errors";
import { DeedButton } from "../../ui/DeedButton";
import { ProblemAlert } from "../../ui/ProblemAlert";
import type { ImportDraft } from "./draft";
import classes from "./ImportForm.module.css";

interface ImportFormProps {
  draft: ImportDraft;
  onChange: (changed: Partial<ImportDraft>) => void;
  planning: { error: unknown; isPending: boolean };
  onPlan: () => void;
}

/** In characters, by the API. */
const LONGEST = 1_000_000;
const FIELDS = ["text", "user", "private_key", "private_key.secret", "pool", "labels"];

/** The text that is imported, pasted or of a file, and what holds where it does not say it. */
export function ImportForm({ draft, onChange, planning: { error, isPending }, onPlan }: ImportFormProps) {
  const refusal = useRefusal("providers.write");
  const { data: secrets = [] } = useQuery(secretNamesQuery);
  const [fileError, setFileError] = useState<string | null>(null);
  const isInventory = draft.format === "ansible_inventory";
  const take = async (file: File | null) => {
    if (file !== null) {
      const isTooLarge = file.size > 4 * LONGEST;
      setFileError(isTooLarge ? `${file.name} is too large: at most 1,000,000 characters are read.` : null);
      if (!isTooLarge) {
        onChange({ text: await file.text() });
      }
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onPlan();
  };
  const lacks =
    draft.text.trim() === ""
      ? "Paste the text first, or choose its file."
      : draft.text.length > LONGEST
        ? TOO_LONG
        : null;
  return (
    <Stack component="form" gap="sm" onSubmit={submit} aria-label="What is imported">
      <Group justify="space-between">
        <SegmentedControl
          aria-label="What it is"
          value={draft.format}
          onChange={(format) => onChange({ format: format === "ssh_config" ? "ssh_config" : "ansible_inventory" })}
          data={[
            { value: "ansible_inventory", label: "Ansible inventory" },
            { value: "ssh_config", label: "SSH configuration" },
          ]}
        />
        <FileButton onChange={take}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<FileUp size={16} aria-hidden />}>
              Choose a file
            </Button>
          )}
        </FileButton>
      </Group>
      <Textarea
        label={isInventory ? "Inventory" : "Configuration"}
        description={
          isInventory
            ? "As INI or YAML. What is not in it, such as group_vars, and programs and plugins are not read"
            : "As ~/.ssh/config has it. What it includes is not read"
        }
        value={draft.text}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
        error={fileError ?? fieldError(error, "text")}
        classNames={{ input: classes.code ?? "" }}
        spellCheck={false}
        autoCapitalize="off"
        rows={12}
        resize="vertical"
      />
      <Text size="sm">Where it does not say it:</Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label="User"
          description="Who logs in"
          value={draft.user}
          onChange={(event) => onChange({ user: event.currentTarget.value })}
          error={fieldError(error, "user")}
          autoComplete="off"
        />
        <Select
          label="Private key"
          description="A stored secret; key files that it names are not read here"
          placeholder="none"
          data={secrets}
          value={draft.key || null}
          onChange={(key) => onChange({ key: key ?? "" })}
          error={fieldError(error, "private_key") ?? fieldError(error, "private_key.secret")}
          searchable
          clearable
          limit={100}
        />
        <TextInput
          label="Pool"
          description="Which executors reach them"
          value={draft.pool}
          onChange={(event) => onChange({ pool: event.currentTarget.value })}
          error={fieldError(error, "pool")}
        />
        {isInventory ? (
          <TagsInput
            label="Labels of variables"
            description="As env, or env=stage for another name. Enter adds one"
            value={draft.labels}
            onChange={(labels) => onChange({ labels })}
            error={fieldError(error, "labels")}
            acceptValueOnBlur
          />
        ) : null}
      </SimpleGrid>
      {error === null || isSaidAtFields(error, [], FIELDS) ? null : <ProblemAlert error={error} />}
      <Group>
        <DeedButton type="submit" loading={isPending} refusal={refusal ?? lacks}>
          Show the plan
        </DeedButton>
      </Group>
    </Stack>
  );
}

const TOO_LONG = "At most 1,000,000 characters are read; import it in parts.";
