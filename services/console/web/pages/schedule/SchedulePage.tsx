import { Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { VersionList } from "../../nouns/definition/VersionList";
import { atText } from "../../nouns/schedule/atText";
import { scheduleQuery } from "../../nouns/schedule/queries";
import { GoneAlert } from "../../ui/GoneAlert";
import { ButtonLink, TextLink } from "../../ui/links";
import { Page } from "../../ui/Page";
import { RelativeTime } from "../../ui/RelativeTime";
import { Section } from "../../ui/Section";
import { FireList } from "./FireList";
import { Given } from "./Given";
import { NextTimes } from "./NextTimes";
import { ScheduleControls } from "./ScheduleControls";

const route = getRouteApi("/signed-in/schedules/$name");

/** A schedule: when it fires, what it did, and whether it goes on. */
export function SchedulePage() {
  const { name } = route.useParams();
  const { data: schedule } = useSuspenseQuery(scheduleQuery(name));
  const { owner } = schedule;
  return (
    <Page
      title={owner === null ? name : `Schedule of ${owner.name}`}
      about={
        <>
          Runs{" "}
          <TextLink to="/actions/$name" params={{ name: schedule.action }} size="sm" underline="always">
            {schedule.action}
          </TextLink>{" "}
          {atText(schedule.at)} in {schedule.time_zone}
          {schedule.enabled ? "" : ", but is not enabled"} · version {schedule.version}, changed{" "}
          <RelativeTime at={schedule.updated_at} /> by {schedule.updated_by}
        </>
      }
      actions={
        <>
          <ButtonLink to="/runs" search={{ action: schedule.action, trigger: "schedule" }} variant="default">
            Its runs
          </ButtonLink>
          <ScheduleControls schedule={schedule} />
        </>
      }
    >
      {owner === null ? null : <Text size="sm">It is the action's own, and changes and goes with it.</Text>}
      {schedule.description === "" ? null : (
        <Text size="sm" style={{ overflowWrap: "anywhere", whiteSpace: "pre-line" }}>
          {schedule.description}
        </Text>
      )}
      <GoneAlert gone={schedule.gone} />
      <Section title="Next fire times">
        <NextTimes name={name} timeZone={schedule.time_zone} />
      </Section>
      <Section title="What it did lately">
        <FireList name={name} timeZone={schedule.time_zone} />
      </Section>
      <Given schedule={schedule} />
      {owner === null ? <VersionList kind="schedules" name={name} current={schedule.version} /> : null}
    </Page>
  );
}
