import { Group, Table, Text } from "@mantine/core";
import { type PointerEvent, useState } from "react";
import classes from "./DayBars.module.css";
import { dayText } from "./time";

export interface Bar {
  /** As the API has it: `2026-05-01`. */
  day: string;
  /** From the bottom up. */
  parts: number[];
}

export interface BarPart {
  name: string;
  /** What it is to whoever looks: what counts, what is wrong, more of the same, or what matters less. */
  tone: "main" | "wrong" | "more" | "rest";
}

interface DayBarsProps {
  /** What it shows, and what of it stands out, for whoever does not see it. */
  label: string;
  bars: readonly Bar[];
  /** What the parts are, from the bottom up. */
  parts: readonly BarPart[];
  textOf: (bar: Bar) => string;
  amountText: (amount: number) => string;
}

/** A bar a day, of parts that are told apart by colour and by pattern; the same as a table on request. */
export function DayBars({ label, bars, parts, textOf, amountText }: DayBarsProps) {
  const [pointed, setPointed] = useState<number | null>(null);
  const most = Math.max(...bars.map(heightOf), 0);
  const point = (event: PointerEvent<HTMLDivElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const index = Math.floor(((event.clientX - left) / width) * bars.length);
    setPointed(Math.min(Math.max(index, 0), bars.length - 1));
  };
  const shown = pointed === null ? undefined : bars[pointed];
  return (
    <div>
      <Group justify="space-between" gap="xs" mih={22}>
        <Text size="xs" c="dimmed">
          {shown === undefined ? `up to ${amountText(most)}` : `${dayText(shown.day)}: ${textOf(shown)}`}
        </Text>
        <Legend parts={parts} />
      </Group>
      <div
        role="img"
        aria-label={label}
        className={classes.chart}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => setPointed(null)}
      >
        {bars.map((bar, index) => (
          <div key={bar.day} className={classes.day} data-pointed={index === pointed || undefined}>
            {parts.map(({ name, tone }, part) => {
              const amount = bar.parts[part] ?? 0;
              return amount === 0 ? null : (
                <div
                  key={name}
                  className={classes.part}
                  data-tone={tone}
                  style={{ height: `${(100 * amount) / most}%` }}
                />
              );
            })}
          </div>
        ))}
      </div>
      <Group justify="space-between" className={classes.days} aria-hidden>
        {[bars[0], bars[Math.floor(bars.length / 2)], bars.at(-1)].map((bar) =>
          bar === undefined ? null : <span key={bar.day}>{dayText(bar.day)}</span>,
        )}
      </Group>
      <details className={classes.table}>
        <summary>As a table</summary>
        <Table verticalSpacing={2} aria-label={label}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Day</Table.Th>
              <Table.Th>What it was</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {bars
              .filter((bar) => heightOf(bar) > 0)
              .map((bar) => (
                <Table.Tr key={bar.day}>
                  <Table.Td>{dayText(bar.day)}</Table.Td>
                  <Table.Td>{textOf(bar)}</Table.Td>
                </Table.Tr>
              ))}
          </Table.Tbody>
        </Table>
      </details>
    </div>
  );
}

function Legend({ parts }: { parts: readonly BarPart[] }) {
  return (
    <Group gap="sm">
      {parts.map(({ name, tone }) => (
        <Group key={name} gap={5}>
          <span className={classes.sign} data-tone={tone} />
          <Text span size="xs">
            {name}
          </Text>
        </Group>
      ))}
    </Group>
  );
}

function heightOf(bar: Bar): number {
  return bar.parts.reduce((sum, amount) => sum + amount, 0);
}
