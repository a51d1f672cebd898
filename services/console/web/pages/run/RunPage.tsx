import { Grid, Tabs } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useRunStream } from "../../live/useRunStream";
import { runQuery } from "../../nouns/run/queries";
import { StateBadge } from "../../nouns/run/StateBadge";
import { badgeStateOf, hasEnded } from "../../nouns/run/states";
import { Page } from "../../ui/Page";
import { useNarrow } from "../../ui/useNarrow";
import { OUTPUT_ID } from "./bringOutput";
import { ConnectionNote } from "./ConnectionNote";
import { Explanation } from "./Explanation";
import { RunAbout } from "./RunAbout";
import { RunApproval } from "./RunApproval";
import { RunBar } from "./RunBar";
import { RunControls } from "./RunControls";
import { RunNotes } from "./RunNotes";
import { RunOutput } from "./RunOutput";
import classes from "./RunPage.module.css";
import { RunParameters } from "./RunParameters";
import { Segments } from "./Segments";
import { StepAnnouncement } from "./StepAnnouncement";
import { StepList } from "./StepList";
import { useRunOutput } from "./useRunOutput";

const route = getRouteApi("/signed-in/runs/$runId");

/** A run as it goes: how far it is, what it prints, why it waits, and what may be asked of it. */
export function RunPage() {
  const { runId } = route.useParams();
  const { data: run } = useSuspenseQuery(runQuery(runId));
  const [shown, show] = useState<string | null>("output");
  const isNarrow = useNarrow();
  const isUnderWay = !hasEnded(run.state);
  const output = useRunOutput(run.id, isUnderWay);
  const live = useRunStream(run.id, output.isStreamed, output.store);
  const title = run.action.title || run.action.name;
  return (
    <Page
      title={title}
      tabTitle={isUnderWay ? `${run.progress.percent} % · ${title}` : `${run.state} · ${title}`}
      beside={<StateBadge state={badgeStateOf(run)} size="lg" />}
      about={<RunAbout run={run} />}
      actions={isNarrow ? undefined : <RunControls run={run} />}
    >
      <ConnectionNote live={live} isUnderWay={isUnderWay} />
      <StepAnnouncement run={run} />
      <Segments run={run} />
      <RunNotes run={run} onOutput={() => show("output")} />
      <RunApproval run={run} />
      <Tabs value={shown} onChange={show} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="output">Output</Tabs.Tab>
          <Tabs.Tab value="explanation">What happened</Tabs.Tab>
          <Tabs.Tab value="parameters">Parameters</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="output" pt="sm">
          <Grid gap="md">
            <Grid.Col span={{ base: 12, md: 3 }}>
              <StepList run={run} />
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 9 }} id={OUTPUT_ID} className={classes.output}>
              <RunOutput run={run} output={output} />
            </Grid.Col>
          </Grid>
        </Tabs.Panel>
        <Tabs.Panel value="explanation" pt="sm">
          <Explanation run={run} />
        </Tabs.Panel>
        <Tabs.Panel value="parameters" pt="sm">
          <RunParameters run={run} />
        </Tabs.Panel>
      </Tabs>
      {isNarrow ? <RunBar run={run} /> : null}
    </Page>
  );
}
