import { Text } from "@mantine/core";
import type { Schemas } from "../../api/client";

const KINDS = {
  manual: "by hand",
  api: "over the API",
  schedule: "by its schedule",
  alert: "by an alert",
} satisfies Record<Schemas["Trigger"]["kind"], string>;

/** Who or what asked for a run. */
export function TriggerText({ trigger }: { trigger: Schemas["Trigger"] }) {
  return (
    <Text span size="sm">
      {trigger.by}{" "}
      <Text span c="dimmed" size="sm">
        ({KINDS[trigger.kind]})
      </Text>
    </Text>
  );
}
