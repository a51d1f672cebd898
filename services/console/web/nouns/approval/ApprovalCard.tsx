import { Card, Group, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { inOrder } from "../../ui/inOrder";
import { TextLink } from "../../ui/links";
import { UnfoldButton } from "../../ui/UnfoldButton";
import { ApprovalFacts } from "./ApprovalFacts";
import { useDecisionRefusals } from "./can";
import { DecideButtons } from "./DecideButtons";
import type { ApprovalItem } from "./queries";
import { RunPlan } from "./RunPlan";
import { givenText, titleOfItem } from "./sentences";

interface ApprovalCardProps {
  item: ApprovalItem;
  /** Where it stands on the run's own page, which needs no link to itself. */
  isOnRun?: boolean;
}

/** Something that waits for people: what would run, who asks, who may decide, and the two ways to do so. */
export function ApprovalCard({ item, isOnRun = false }: ApprovalCardProps) {
  const [showsPlan, setShowsPlan] = useState(isOnRun);
  const { approve, reject } = useDecisionRefusals(item);
  const title = titleOfItem(item);
  const heading = isOnRun ? (item.step === null ? "It waits for approval" : `${item.step} waits for approval`) : title;
  return (
    <Card withBorder component="article" aria-label={isOnRun ? "Approval" : title}>
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" gap="sm">
          <Stack gap={2} miw={0} flex="1 1 260px">
            <Title order={2} size="h4" style={{ overflowWrap: "anywhere" }}>
              {isOnRun ? (
                heading
              ) : (
                <TextLink to="/runs/$runId" params={{ runId: item.run_id }} inherit>
                  {heading}
                </TextLink>
              )}
            </Title>
            <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              <TextLink
                to="/actions/$name/versions"
                params={{ name: item.action.name }}
                search={{ version: item.action.version }}
                size="sm"
                underline="always"
              >
                {item.action.name}, version {item.action.version}
              </TextLink>
            </Text>
          </Stack>
          <DecideButtons item={item} />
        </Group>
        {approve === null ? null : (
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {approve} {reject === null ? "You may still reject it." : ""}
          </Text>
        )}
        {isOnRun || Object.keys(item.parameters).length === 0 ? null : (
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {inOrder(givenText(item.parameters))}
          </Text>
        )}
        <ApprovalFacts item={item} />
        <UnfoldButton isOpen={showsPlan} onToggle={() => setShowsPlan(!showsPlan)}>
          What would run
        </UnfoldButton>
        {showsPlan ? <RunPlan item={item} /> : null}
      </Stack>
    </Card>
  );
}
