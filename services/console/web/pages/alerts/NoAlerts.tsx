import { Stack, Text } from "@mantine/core";
import { CommandText } from "../../ui/CommandText";
import { EmptyState } from "../../ui/EmptyState";
import { TextLink } from "../../ui/links";

/** How a first alert is sent, for whoever has none yet. */
export function NoAlerts() {
  const command = [
    `curl -X POST ${window.location.origin}/webhooks/generic \\`,
    `  -H "Authorization: Bearer $TOKEN" \\`,
    `  -d '{"title": "A first alert", "status": "firing", "severity": "info", "labels": {"alertname": "First"}}'`,
  ].join("\n");
  return (
    <EmptyState title="No alert has come yet.">
      <Stack gap="xs" maw={720} ta="left">
        <Text size="sm">
          Send one. For $TOKEN take a token with the role alerts, which you make in{" "}
          <TextLink to="/settings" size="sm" underline="always">
            Settings
          </TextLink>
          . Where the alert-bridge is a process of its own, the address is that one's, port 8081 by default.
        </Text>
        <CommandText text={command} label="the command that sends an alert" />
        <Text size="sm">
          Alertmanager sends to /webhooks/alertmanager in the same way. An{" "}
          <TextLink to="/alerts" search={{ show: "rules" }} size="sm" underline="always">
            alert rule
          </TextLink>{" "}
          says which action answers.
        </Text>
      </Stack>
    </EmptyState>
  );
}
