import { Group, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { listOf } from "../../api/paging";
import { useRefusal } from "../../nouns/session/can";
import { type NewToken, type Token, tokensQuery } from "../../nouns/token/queries";
import { kindText } from "../../nouns/token/roles";
import { DeedButton } from "../../ui/DeedButton";
import { EmptyState } from "../../ui/EmptyState";
import { type Column, ListTable } from "../../ui/ListTable";
import { RelativeTime } from "../../ui/RelativeTime";
import { DeleteTokenButton } from "./DeleteTokenButton";
import { NewTokenForm } from "./NewTokenForm";
import { TokenOnce } from "./TokenOnce";

const COLUMNS: Column<Token>[] = [
  {
    label: "Token",
    cell: ({ name, description }) => (
      <>
        <Text fw={600} size="sm" style={{ overflowWrap: "anywhere" }}>
          {name}
        </Text>
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {description}
        </Text>
      </>
    ),
  },
  { label: "Role", cell: ({ role }) => role },
  { label: "Of", isSide: true, cell: ({ kind }) => kindText(kind) },
  { label: "Made", isSide: true, cell: ({ created_at }) => <RelativeTime at={created_at} /> },
  { label: "Delete", cell: ({ name }) => <DeleteTokenButton name={name} /> },
];

/** Who may call, by their tokens; a new one is shown once. */
export function TokenList() {
  const list = useInfiniteQuery(tokensQuery);
  const refusal = useRefusal("tokens.write");
  const [isNew, setIsNew] = useState(false);
  const [made, setMade] = useState<NewToken | null>(null);
  return (
    <Stack gap="md">
      <Group>
        <DeedButton
          leftSection={<KeyRound size={16} aria-hidden />}
          refusal={refusal}
          aria-expanded={isNew}
          onClick={() => setIsNew(!isNew)}
        >
          Make a token
        </DeedButton>
      </Group>
      {isNew ? (
        <NewTokenForm
          onMade={(token) => {
            setMade(token);
            setIsNew(false);
          }}
        />
      ) : null}
      {made === null ? null : <TokenOnce token={made} onSeen={() => setMade(null)} />}
      <ListTable
        caption="Tokens"
        columns={COLUMNS}
        {...listOf(list)}
        keyOf={({ uid }) => uid}
        empty={<EmptyState title="There is no token." />}
      />
    </Stack>
  );
}
