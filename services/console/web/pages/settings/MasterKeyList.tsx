import { Alert, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import type { Schemas } from "../../api/client";
import { masterKeysQuery } from "../../nouns/master-key/queries";
import { EmptyState } from "../../ui/EmptyState";
import { type Column, ListTable } from "../../ui/ListTable";

const COLUMNS: Column<Schemas["MasterKey"]>[] = [
  {
    label: "Master key",
    cell: ({ id }) => (
      <Text span size="sm" ff="monospace">
        {id}
      </Text>
    ),
  },
  { label: "Used by", cell: ({ services }) => services.join(", ") },
];

/** Which services encrypt and open secrets with which key, by what tells keys apart and tells nothing of them. */
export function MasterKeyList() {
  const { data, error, isPending, refetch } = useQuery(masterKeysQuery);
  const keys = data?.items ?? [];
  return (
    <Stack gap="md">
      <Text size="sm">
        The master key encrypts every secret at rest. A key is shown by an id that is worked out from it, never itself.
      </Text>
      {keys.length > 1 ? (
        <Alert color="red" icon={<TriangleAlert />} title="The services do not all have the same key">
          Some cannot open what others have encrypted. Give all of them the same OPSIMATE_MASTER_KEY_FILE. A service
          that has just been restarted with another key is named for three minutes more.
        </Alert>
      ) : null}
      <ListTable
        caption="Master keys"
        columns={COLUMNS}
        items={keys}
        keyOf={({ id }) => id}
        isPending={isPending}
        error={error}
        onRetry={() => void refetch()}
        empty={<EmptyState title="No service has said which key it uses." />}
      />
    </Stack>
  );
}
