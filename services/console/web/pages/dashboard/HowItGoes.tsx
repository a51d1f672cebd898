import { SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChartColumn } from "lucide-react";
import type { ReactNode } from "react";
import { rateText } from "../../nouns/action/rate";
import { durationBar, durationBarText, outcomeBar, outcomeText } from "../../nouns/statistics/bars";
import { type Statistics, statisticsQuery } from "../../nouns/statistics/queries";
import { type BarPart, DayBars } from "../../ui/DayBars";
import { durationText } from "../../ui/time";
import { Tile } from "./Tile";

const OUTCOMES: readonly BarPart[] = [
  { name: "succeeded", tone: "main" },
  { name: "failed", tone: "wrong" },
  { name: "otherwise", tone: "rest" },
];
const DURATIONS: readonly BarPart[] = [
  { name: "half took at most", tone: "main" },
  { name: "95 of 100 at most", tone: "more" },
];

/** How the runs of the last days went, and how long they took. */
export function HowItGoes({ days, beside }: { days: number; beside: ReactNode }) {
  const statistics = useQuery(statisticsQuery(days));
  const { data } = statistics;
  return (
    <Tile
      title={`The last ${days} days`}
      icon={<ChartColumn size={18} aria-hidden />}
      query={statistics}
      beside={beside}
    >
      {data === undefined ? null : <Figures statistics={data} />}
      {data !== undefined && data.runs > 0 ? <Charts statistics={data} /> : null}
    </Tile>
  );
}

function Figures({ statistics }: { statistics: Statistics }) {
  const { runs, success_rate, duration, outcomes } = statistics;
  if (runs === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing has run.
      </Text>
    );
  }
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
      <Figure label="Runs that ended" value={String(runs)} />
      <Figure label="Succeeded" value={success_rate === null ? "–" : rateText(success_rate)} />
      <Figure label="Failed" value={String((outcomes.failed ?? 0) + (outcomes.unknown ?? 0))} />
      <Figure label="Half took at most" value={duration.p50 === null ? "–" : durationText(duration.p50)} />
    </SimpleGrid>
  );
}

function Figure({ label, value }: { label: string; value: ReactNode }) {
  return (
    <Stack gap={0}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text size="xl" fw={700} style={{ fontVariantNumeric: "tabular-nums" }}>
        {value}
      </Text>
    </Stack>
  );
}

function Charts({ statistics }: { statistics: Statistics }) {
  const days = statistics.days ?? [];
  const { runs, success_rate, duration } = statistics;
  const rate = success_rate === null ? "" : `, of which ${rateText(success_rate)} succeeded`;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
      <div>
        <Title order={3} size="h5">
          Outcomes by day
        </Title>
        <DayBars
          label={`Outcomes by day: ${runs} runs${rate}`}
          bars={days.map(outcomeBar)}
          parts={OUTCOMES}
          textOf={outcomeText}
          amountText={String}
        />
      </div>
      <div>
        <Title order={3} size="h5">
          Duration by day
        </Title>
        <DayBars
          label={`Duration by day: ${durationBarText(durationBar({ day: "", duration }))}`}
          bars={days.map(durationBar)}
          parts={DURATIONS}
          textOf={durationBarText}
          amountText={durationText}
        />
      </div>
    </SimpleGrid>
  );
}
