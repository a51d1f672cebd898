import { Group, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Lock } from "lucide-react";
import { useState } from "react";
import { listOf } from "../../api/paging";
import { type Secret, secretsQuery } from "../../nouns/secret/queries";
import { useRefusal } from "../../nouns/session/can";
import { DeedButton } from "../../ui/DeedButton";
import { EmptyState } from "../../ui/EmptyState";
import { type Column, ListTable } from "../../ui/ListTable";
import { RelativeTime } from "../../ui/RelativeTime";
import { SoftBadge } from "../../ui/SoftBadge";
import { SecretButtons } from "./SecretButtons";
import { SecretForm } from "./SecretForm";

function columnsOf(onReplace: (secret: Secret) => void): Column<Secret>[] {
  return [
    {
      label: "Secret",
      cell: ({ name, description, readable }) => (
        <>
          <Group gap="xs">
            <Text fw={600} size="sm" style={{ overflowWrap: "anywhere" }}>
              {name}
            </Text>
            {readable ? null : <SoftBadge color="red">cannot be opened: set it anew</SoftBadge>}
          </Group>
          <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {description}
          </Text>
        </>
      ),
    },
    {
      label: "Set",
      isSide: true,
      cell: ({ updated_at, updated_by }) => (
        <>
          <RelativeTime at={updated_at} /> by {updated_by}
        </>
      ),
    },
    { label: "Change", cell: (secret) => <SecretButtons secret={secret} onReplace={() => onReplace(secret)} /> },
  ];
}

/** The stored secrets by their names; no value is ever read back. */
export function SecretList() {
  const list = useInfiniteQuery(secretsQuery);
  const refusal = useRefusal("secrets.write");
  /** A new one, one that is there, or none. */
  const [edited, setEdited] = useState<Secret | "new" | null>(null);
  return (
    <Stack gap="md">
      <Group>
        <DeedButton
          leftSection={<Lock size={16} aria-hidden />}
          refusal={refusal}
          aria-expanded={edited === "new"}
          onClick={() => setEdited(edited === "new" ? null : "new")}
        >
          Store a secret
        </DeedButton>
      </Group>
      {edited === null ? null : (
        <SecretForm
          key={edited === "new" ? "" : edited.name}
          before={edited === "new" ? null : edited}
          onDone={() => setEdited(null)}
        />
      )}
      <ListTable
        caption="Secrets"
        columns={columnsOf(setEdited)}
        {...listOf(list)}
        keyOf={({ uid }) => uid}
        empty={
          <EmptyState title="There is no secret yet.">
            <Text size="sm">Providers log in with secrets, and actions are given them by their names.</Text>
          </EmptyState>
        }
      />
    </Stack>
  );
}
