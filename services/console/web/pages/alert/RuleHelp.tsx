import { Stack, Text } from "@mantine/core";
import { CommandText } from "../../ui/CommandText";

/** Nothing of it comes from the alert: text from outside is no part of a command. */
const COMMAND = `opsimate apply -f - <<'RULE'
kind: alert_rule
name: NAME-OF-THE-RULE
match: {labels: {alertname: NAME-OF-THE-ALERT}}
responses: [{action: NAME-OF-THE-ACTION, timing: immediately}]
RULE`;

/** What to do where no rule was for an alert. */
export function RuleHelp() {
  return (
    <Stack gap="xs">
      <Text size="sm">
        An alert rule says which action answers. <b>Make a rule of this alert</b> above begins one with its labels; or
        store one by a command, with the three names filled in. The next alert that fires is asked about it.
      </Text>
      <CommandText text={COMMAND} label="the command that stores an alert rule" />
    </Stack>
  );
}
