import { Alert, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { type Pool, poolsQuery } from "../../nouns/pool/queries";
import { EmptyState } from "../../ui/EmptyState";
import { type Column, ListTable } from "../../ui/ListTable";
import { RelativeTime } from "../../ui/RelativeTime";

const COLUMNS: Column<Pool>[] = [
  { label: "Pool", cell: (pool) => <Text fw={600}>{pool.name}</Text> },
  { label: "Providers", cell: (pool) => pool.providers },
  {
    label: "Executors that are there",
    cell: ({ executors, providers }) =>
      executors.length === 0 ? (
        providers === 0 ? (
          "none"
        ) : (
          <Alert color="yellow" icon={<TriangleAlert />} p="xs">
            None: steps on its providers wait for one.
          </Alert>
        )
      ) : (
        executors.map((executor) => (
          <Text key={executor.id} size="sm">
            <Text span ff="monospace" size="xs">
              {executor.id.slice(-8)}
            </Text>{" "}
            carries out {executor.under_way} of at most {executor.concurrency}, seen{" "}
            <RelativeTime at={executor.seen_at} />
          </Text>
        ))
      ),
  },
];

/** Which executors serve which providers, now. */
export function PoolList() {
  const { data, error, isPending, refetch } = useQuery(poolsQuery);
  return (
    <ListTable
      caption="Pools"
      columns={COLUMNS}
      items={data?.items ?? []}
      keyOf={(pool) => pool.name}
      isPending={isPending}
      error={error}
      onRetry={() => void refetch()}
      empty={<EmptyState title="There is no pool: no provider, and no executor." />}
    />
  );
}
