import { Group, Stack, Table, Text } from "@mantine/core";
import { decisionLook } from "../../nouns/alert/looks";
import type { RuleDecision } from "../../nouns/alert/queries";
import { LookBadge } from "../../ui/LookBadge";
import { TextLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";
import { RuleHelp } from "./RuleHelp";

/** What each rule said to an alert, and why. */
export function Decisions({ decisions }: { decisions: readonly RuleDecision[] }) {
  if (decisions.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No rule has decided yet.
      </Text>
    );
  }
  return (
    <Stack gap="sm">
      <DecisionTable decisions={decisions} />
      {decisions.some(({ decision }) => decision === "no_rule_matched") ? <RuleHelp /> : null}
    </Stack>
  );
}

function DecisionTable({ decisions }: { decisions: readonly RuleDecision[] }) {
  return (
    <Table aria-label="Decisions" verticalSpacing="xs">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Rule</Table.Th>
          <Table.Th>Decision</Table.Th>
          <Table.Th visibleFrom="sm">When</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {decisions.map((decision) => (
          <Table.Tr key={[decision.rule, decision.action, decision.decision, decision.refire, decision.at].join(" ")}>
            <Table.Td style={{ overflowWrap: "anywhere", minWidth: "10ch" }}>
              {decision.rule == null ? (
                "all rules"
              ) : (
                <TextLink to="/alert-rules/$name" params={{ name: decision.rule }} size="sm">
                  {decision.rule}
                </TextLink>
              )}
            </Table.Td>
            <Table.Td>
              <Stack gap={4}>
                <Group gap="xs">
                  <LookBadge look={decisionLook(decision.decision)} />
                  {decision.action == null ? null : (
                    <TextLink to="/actions/$name" params={{ name: decision.action }} size="sm">
                      {decision.action}
                    </TextLink>
                  )}
                  {decision.run_id == null ? null : (
                    <TextLink to="/runs/$runId" params={{ runId: decision.run_id }} size="sm">
                      the run
                    </TextLink>
                  )}
                </Group>
                <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                  {decision.reason}
                </Text>
              </Stack>
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <RelativeTime at={decision.at} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
