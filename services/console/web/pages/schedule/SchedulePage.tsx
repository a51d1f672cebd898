import { notifications } from "@mantine/notifications";
import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Pause, Pencil, Play } from "lucide-react";
import { DeleteButton } from "../../nouns/definition/DeleteButton";
import { VersionList } from "../../nouns/definition/VersionList";
import { atText } from "../../nouns/schedule/atText";
import { scheduleQuery, useEnableSchedule } from "../../nouns/schedule/queries";
import { useRefusal } from "../../nouns/session/can";
import { DeedButton } from "../../ui/DeedButton";
import { DeedLink } from "../../ui/DeedLink";
import { GoneAlert } from "../../ui/GoneAlert";
import { ButtonLink, TextLink } from "../../ui/links";
import { Page } from "../../ui/Page";
import { RelativeTime } from "../../ui/RelativeTime";
import { Section } from "../../ui/Section";
import { FireList } from "./FireList";
import { Given } from "./Given";
import { NextTimes } from "./NextTimes";

const route = getRouteApi("/signed-in/schedules/$name");

/** A schedule: when it fires, what it did, and whether it goes on. */
export function SchedulePage() {
  const { name } = route.useParams();
  const { data: schedule } = useSuspenseQuery(scheduleQuery(name));
  const enable = useEnableSchedule(schedule);
  const refusal = useRefusal("schedules.write");
  const navigate = useNavigate();
  const { enabled } = schedule;
  return (
    <Page
      title={name}
      about={
        <>
          Runs{" "}
          <TextLink to="/actions/$name" params={{ name: schedule.action }} size="sm" underline="always">
            {schedule.action}
          </TextLink>{" "}
          {atText(schedule.at)} in {schedule.time_zone}
          {enabled ? "" : ", but is not enabled"} · version {schedule.version}, changed{" "}
          <RelativeTime at={schedule.updated_at} /> by {schedule.updated_by}
        </>
      }
      actions={
        <>
          <ButtonLink to="/runs" search={{ action: schedule.action, trigger: "schedule" }} variant="default">
            Its runs
          </ButtonLink>
          <DeedButton
            leftSection={enabled ? <Pause size={16} aria-hidden /> : <Play size={16} aria-hidden />}
            refusal={refusal}
            loading={enable.isPending}
            onClick={() =>
              enable.mutate(!enabled, {
                onSuccess: () =>
                  notifications.show({
                    color: "teal",
                    message: enabled ? `${name} does not fire any more.` : `${name} fires again from now on.`,
                  }),
              })
            }
          >
            {enabled ? "Disable" : "Enable"}
          </DeedButton>
          <DeedLink
            to="/schedules/$name/edit"
            params={{ name }}
            variant="default"
            leftSection={<Pencil size={15} aria-hidden />}
            refusal={refusal}
          >
            Edit
          </DeedLink>
          <DeleteButton
            kind="schedules"
            noun="schedule"
            of={schedule}
            refusal={refusal}
            text="It does not fire any more; its runs stay."
            onDeleted={() => void navigate({ to: "/schedules" })}
          />
        </>
      }
    >
      <GoneAlert gone={schedule.gone} />
      <Section title="Next fire times">
        <NextTimes name={name} timeZone={schedule.time_zone} />
      </Section>
      <Section title="What it did lately">
        <FireList name={name} timeZone={schedule.time_zone} />
      </Section>
      <Given schedule={schedule} />
      <VersionList kind="schedules" name={name} current={schedule.version} />
    </Page>
  );
}
