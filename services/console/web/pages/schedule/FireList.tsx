import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { clockText } from "../../nouns/schedule/clockText";
import { decisionLook } from "../../nouns/schedule/decisions";
import { type Fire, firesQuery } from "../../nouns/schedule/queries";
import { type Column, ListTable } from "../../ui/ListTable";
import { LookBadge } from "../../ui/LookBadge";
import { TextLink } from "../../ui/links";

const LOOK_EVERY = 5_000;

/** Each fire time with its run, or with why there is none. */
export function FireList({ name, timeZone }: { name: string; timeZone: string }) {
  const { data, isPending, error, refetch } = useQuery({ ...firesQuery(name), refetchInterval: LOOK_EVERY });
  return (
    <ListTable
      caption="What it did lately"
      columns={columnsIn(timeZone)}
      items={data?.items ?? []}
      keyOf={(fire) => `${fire.fire_time} ${fire.decided_at}`}
      isInLines
      isPending={isPending}
      error={error}
      onRetry={() => void refetch()}
      empty={<Text size="sm">It has not fired yet.</Text>}
    />
  );
}

function columnsIn(timeZone: string): Column<Fire>[] {
  return [
    { label: "Fire time", cell: ({ fire_time }) => clockText(fire_time, timeZone) },
    { label: "What became of it", cell: ({ decision }) => <LookBadge look={decisionLook(decision)} size="sm" /> },
    {
      label: "Run",
      cell: ({ run_id: runId }) =>
        runId == null ? null : (
          <TextLink to="/runs/$runId" params={{ runId }} size="sm">
            {runId}
          </TextLink>
        ),
    },
    { label: "Why", cell: whyText },
  ];
}

function whyText({ reason, missed, decision }: Fire): string {
  if (reason || !missed) {
    return decision === "joined" ? "a run that waits for a maintenance window stands for it" : (reason ?? "");
  }
  return `${missed} before it ${missed === 1 ? "was" : "were"} missed, as no scheduler was there`;
}
