import { Card, Group, SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { type NewToken, type TokenDefinition, useMakeToken } from "../../nouns/token/queries";
import { KINDS_TO_CHOOSE, ROLES_TO_CHOOSE } from "../../nouns/token/roles";
import { fieldError, isSaidAtFields } from "../../parameters/errors";
import { DeedButton } from "../../ui/DeedButton";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { takeFocus } from "../../ui/takeFocus";

const FIELDS = ["name", "description", "kind", "role"];

/** What there is to say of a new token. */
export function NewTokenForm({ onMade }: { onMade: (token: NewToken) => void }) {
  const [draft, setDraft] = useState<TokenDefinition>({ name: "", description: "", kind: "service", role: "alerts" });
  const make = useMakeToken();
  const set = (changed: Partial<TokenDefinition>) => setDraft((known) => ({ ...known, ...changed }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate({ ...draft, name: draft.name.trim() }, { onSuccess: onMade });
  };
  return (
    <Card ref={takeFocus} withBorder component="form" onSubmit={submit} maw={560} aria-label="A new token">
      <Stack gap="sm">
        <TextInput
          label="Name"
          description="Whose it is, as runs will say; small letters, digits, dots, dashes and underscores"
          value={draft.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          error={fieldError(make.error, "name")}
          autoComplete="off"
          required
        />
        <TextInput
          label="Description"
          value={draft.description}
          onChange={(event) => set({ description: event.currentTarget.value })}
          error={fieldError(make.error, "description")}
        />
        <Select
          label="Role"
          data={ROLES_TO_CHOOSE}
          value={draft.role}
          onChange={(role) => set({ role: ROLES_TO_CHOOSE.find(({ value }) => value === role)?.value ?? draft.role })}
          allowDeselect={false}
          error={fieldError(make.error, "role")}
        />
        <Stack gap={4}>
          <SegmentedControl
            aria-label="Who calls with it"
            value={draft.kind}
            onChange={(kind) => set({ kind })}
            data={[...KINDS_TO_CHOOSE]}
          />
          <Text size="xs" c="dimmed">
            Runs that a person asks for are told as asked for by hand, those of a program as asked for over the API.
          </Text>
        </Stack>
        {make.error === null || isSaidAtFields(make.error, [], FIELDS) ? null : <ProblemAlert error={make.error} />}
        <Group>
          <DeedButton
            type="submit"
            loading={make.isPending}
            refusal={draft.name.trim() === "" ? "Give it a name first." : null}
          >
            Make it
          </DeedButton>
        </Group>
      </Stack>
    </Card>
  );
}
