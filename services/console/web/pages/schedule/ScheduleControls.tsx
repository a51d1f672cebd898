import { notifications } from "@mantine/notifications";
import { useNavigate } from "@tanstack/react-router";
import { Pause, Pencil, Play } from "lucide-react";
import { DeleteButton } from "../../nouns/definition/DeleteButton";
import { type Schedule, useEnableSchedule } from "../../nouns/schedule/queries";
import { useRefusal } from "../../nouns/session/can";
import { DeedButton } from "../../ui/DeedButton";
import { DeedLink } from "../../ui/DeedLink";

/** What may be done with a schedule; what an action owns is changed with the action, and nowhere else. */
export function ScheduleControls({ schedule }: { schedule: Schedule }) {
  const { name, enabled, owner } = schedule;
  const enable = useEnableSchedule(schedule);
  const mayWrite = useRefusal("schedules.write");
  const mayWriteAction = useRefusal("actions.write");
  const navigate = useNavigate();
  const pencil = <Pencil size={15} aria-hidden />;
  if (owner !== null) {
    return (
      <DeedLink
        to="/actions/$name/edit"
        params={{ name: owner.name }}
        variant="default"
        leftSection={pencil}
        refusal={mayWriteAction}
      >
        Edit the action
      </DeedLink>
    );
  }
  return (
    <>
      <DeedButton
        leftSection={enabled ? <Pause size={16} aria-hidden /> : <Play size={16} aria-hidden />}
        refusal={mayWrite}
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
      <DeedLink to="/schedules/$name/edit" params={{ name }} variant="default" leftSection={pencil} refusal={mayWrite}>
        Edit
      </DeedLink>
      <DeleteButton
        kind="schedules"
        noun="schedule"
        of={schedule}
        refusal={mayWrite}
        text="It does not fire any more; its runs stay."
        onDeleted={() => void navigate({ to: "/schedules" })}
      />
    </>
  );
}
