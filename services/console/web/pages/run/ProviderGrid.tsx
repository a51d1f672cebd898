import { Center, Group, Loader, SegmentedControl, Stack, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, useMemo, useState } from "react";
import type { RunStep } from "../../nouns/run/states";
import { inNaturalOrder } from "../../ui/natural";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { columnsFor } from "./columns";
import { countsText } from "./counts";
import classes from "./ProviderGrid.module.css";
import { ProviderTile } from "./ProviderTile";
import { useInvocations } from "./useInvocations";

interface ProviderGridProps {
  runId: string;
  step: RunStep;
  chosen: string | undefined;
}

const ROW = 34;
const SHOWN = ["all", "failed", "running", "succeeded"] as const;

/** The machines of a step in a grid, any number of them, each in the colour of its state; one shows its output. */
export function ProviderGrid({ runId, step, chosen }: ProviderGridProps) {
  const [which, setWhich] = useState<(typeof SHOWN)[number]>("all");
  const { invocations, error, isPending, refetch } = useInvocations(runId, step);
  const { ref, width } = useElementSize();
  const [box, setBox] = useState<HTMLElement | null>(null);
  const inOrder = useMemo(() => inNaturalOrder(invocations, ({ provider }) => provider), [invocations]);
  const shown = which === "all" ? inOrder : inOrder.filter(({ state }) => state === which);
  const columns = useMemo(
    () =>
      columnsFor(
        inOrder.map(({ provider }) => provider),
        width,
      ),
    [inOrder, width],
  );
  const rows = useVirtualizer({
    count: Math.ceil(shown.length / columns),
    getScrollElement: () => box,
    estimateSize: () => ROW,
    overscan: 6,
    useFlushSync: false,
  });
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm">{countsText(step.invocations ?? {})}</Text>
        <SegmentedControl
          size="xs"
          aria-label="Which machines"
          data={SHOWN.map((value) => ({ value, label: value }))}
          value={which}
          onChange={(value) => setWhich(SHOWN.find((known) => known === value) ?? "all")}
        />
      </Group>
      {error === null ? null : <ProblemAlert error={error} onRetry={refetch} />}
      {isPending ? (
        <Center>
          <Loader size="sm" role="status" aria-label="The machines are being read" />
        </Center>
      ) : null}
      <section ref={setBox} className={classes.box} tabIndex={0} aria-label={`Machines of step ${step.name}`}>
        <div ref={ref} className={classes.all} style={heightAndColumns(rows.getTotalSize(), columns)}>
          {rows.getVirtualItems().map(({ index, start }) => (
            <div key={index} className={classes.row} style={{ transform: `translateY(${start}px)` }}>
              {shown.slice(index * columns, (index + 1) * columns).map((invocation) => (
                <ProviderTile
                  key={invocation.invocation}
                  invocation={invocation}
                  step={step.name}
                  isChosen={chosen === invocation.provider}
                />
              ))}
            </div>
          ))}
        </div>
      </section>
    </Stack>
  );
}

function heightAndColumns(height: number, columns: number): CSSProperties {
  const variables = { height, "--columns": columns };
  return variables as CSSProperties;
}
