import { Badge, Group, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Workflow } from "lucide-react";
import { Fragment } from "react";
import { listOf } from "../../api/paging";
import { matchText } from "../../nouns/alert-rule/matchText";
import { type AlertRule, alertRulesQuery } from "../../nouns/alert-rule/queries";
import { timingText } from "../../nouns/alert-rule/timingText";
import { useRefusal } from "../../nouns/session/can";
import { DeedLink } from "../../ui/DeedLink";
import { EmptyState } from "../../ui/EmptyState";
import { type Column, ListTable } from "../../ui/ListTable";
import { TextLink } from "../../ui/links";

const COLUMNS: Column<AlertRule>[] = [
  {
    label: "Rule",
    cell: ({ name, description, owner, enabled }) => (
      <>
        <Group gap="xs">
          <TextLink to="/alert-rules/$name" params={{ name }} fw={600} style={{ overflowWrap: "anywhere" }}>
            {owner === null ? name : `${owner.name} (its own)`}
          </TextLink>
          {enabled ? null : (
            <Badge color="gray" variant="outline" tt="none">
              not enabled
            </Badge>
          )}
        </Group>
        <Text size="xs" c="dimmed" lineClamp={2} style={{ overflowWrap: "anywhere" }}>
          {description}
        </Text>
      </>
    ),
  },
  {
    label: "For which alerts",
    cell: (rule) => (
      <Text size="sm" lineClamp={4} style={{ overflowWrap: "anywhere" }}>
        {matchText(rule)}
      </Text>
    ),
  },
  { label: "What it leads to", cell: ({ responses }) => <LeadsTo responses={responses} /> },
  {
    label: "Then",
    isSide: true,
    cell: (rule) => <Text size="sm">{rule.continue ? "the next rule is asked" : "no further rule is asked"}</Text>,
  },
];

/** Every alert rule, in the order in which they are asked. */
export function RuleList() {
  const list = useInfiniteQuery(alertRulesQuery);
  return (
    <Stack gap="md">
      <Group>
        <DeedLink
          to="/alert-rules/+new"
          refusal={useRefusal("alert_rules.write")}
          leftSection={<Workflow size={16} aria-hidden />}
        >
          New alert rule
        </DeedLink>
        <Text size="sm" c="dimmed">
          Asked in the order of their names; those that actions own come last.
        </Text>
      </Group>
      <ListTable
        caption="Alert rules"
        columns={COLUMNS}
        {...listOf(list)}
        keyOf={({ uid, name }) => `${uid} ${name}`}
        isInLines
        empty={
          <EmptyState title="There is no alert rule yet.">
            <Text size="sm" maw={520}>
              A rule says which alerts run which action: at once, after a delay if they fire then still, or once people
              have approved it.
            </Text>
          </EmptyState>
        }
      />
    </Stack>
  );
}

function LeadsTo({ responses }: Pick<AlertRule, "responses">) {
  return (
    <Text size="sm" style={{ overflowWrap: "anywhere" }}>
      {responses.map((response, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a rule may run one action twice, and its responses have no names
        <Fragment key={index}>
          {index === 0 ? null : ", "}
          <TextLink to="/actions/$name" params={{ name: response.action }} size="sm" underline="always">
            {response.action}
          </TextLink>{" "}
          {timingText(response)}
        </Fragment>
      ))}
    </Text>
  );
}
