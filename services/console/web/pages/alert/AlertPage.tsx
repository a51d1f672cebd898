import { Stack } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { severityLook, statusLook } from "../../nouns/alert/looks";
import { alertQuery } from "../../nouns/alert/queries";
import { titleOf } from "../../nouns/alert/titleOf";
import { useRefusal } from "../../nouns/session/can";
import { DeedLink } from "../../ui/DeedLink";
import { LookBadge } from "../../ui/LookBadge";
import { ButtonLink } from "../../ui/links";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { AlertFacts } from "./AlertFacts";
import { AlertRuns } from "./AlertRuns";
import { Decisions } from "./Decisions";
import { NamedTexts } from "./NamedTexts";

const route = getRouteApi("/signed-in/alerts/$alertId");

const LOOK_EVERY = 5_000;

/** An alert: what its sender told, what each rule decided, and what was run for it. */
export function AlertPage() {
  const { alertId } = route.useParams();
  const { data: episode } = useSuspenseQuery({ ...alertQuery(alertId), refetchInterval: LOOK_EVERY });
  const { alert } = episode;
  return (
    <Page
      title={titleOf(episode)}
      beside={
        <>
          <LookBadge look={statusLook(alert.status)} size="lg" />
          {episode.stale ? <LookBadge look={statusLook("stale")} size="lg" /> : null}
          <LookBadge look={severityLook(alert.severity)} size="lg" />
        </>
      }
      about={<AlertFacts episode={episode} />}
      actions={
        <>
          <DeedLink
            to="/alert-rules/+new"
            search={{ alert: alertId }}
            refusal={useRefusal("alert_rules.write")}
            variant="default"
          >
            Make a rule of this alert
          </DeedLink>
          <ButtonLink to="/alerts" search={{ fingerprint: alert.fingerprint }} variant="default">
            Each time that it fired
          </ButtonLink>
        </>
      }
    >
      <Section title="What was run for it">
        <AlertRuns runs={episode.runs} />
      </Section>
      <Section title="What the rules decided">
        <Decisions decisions={episode.decisions} />
      </Section>
      <Stack gap="md">
        <NamedTexts title="Labels" texts={alert.labels} />
        <NamedTexts title="Annotations" texts={alert.annotations} />
      </Stack>
    </Page>
  );
}
