import { Text } from "@mantine/core";
import type { Schemas } from "../../api/client";
import { TextLink } from "../../ui/links";

const KINDS = {
  manual: "by hand",
  api: "over the API",
  schedule: "by its schedule",
  alert: "by an alert",
} satisfies Record<Schemas["Trigger"]["kind"], string>;

/** Who or what asked for a run; what an alert or a schedule asked for leads to it. */
export function TriggerText({ trigger }: { trigger: Schemas["Trigger"] }) {
  const { kind, by, alert_id: alertId } = trigger;
  return (
    <Text span size="sm">
      {by}{" "}
      <Text span c="dimmed" size="sm">
        (
        {alertId !== null ? (
          <TextLink to="/alerts/$alertId" params={{ alertId }} size="sm" underline="always">
            {KINDS[kind]}
          </TextLink>
        ) : kind === "schedule" ? (
          <TextLink to="/schedules/$name" params={{ name: by }} size="sm" underline="always">
            {KINDS[kind]}
          </TextLink>
        ) : (
          KINDS[kind]
        )}
        )
      </Text>
    </Text>
  );
}
