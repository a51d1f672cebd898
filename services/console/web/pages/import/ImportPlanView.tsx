import { Checkbox, Group, List, Progress, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useNavigate } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { useState } from "react";
import { type ImportPlan, type InventoryRequest, useApplyImport } from "../../nouns/inventory/queries";
import { DeedButton } from "../../ui/DeedButton";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { countsText, refusalOf, toStore } from "./counts";
import { PlannedList } from "./PlannedList";

interface ImportPlanViewProps {
  plan: ImportPlan;
  format: InventoryRequest["format"];
  /** Plan once more: where something was refused while it was stored, what is stored already is as it is then. */
  onAgain: () => void;
}

const MOST_COMPLAINTS = 50;

/** What would be stored, what is left out and why, and the button that stores it. */
export function ImportPlanView({ plan, format, onAgain }: ImportPlanViewProps) {
  const [leavesOut, setLeavesOut] = useState(false);
  const [stored, setStored] = useState(0);
  const apply = useApplyImport(setStored);
  const navigate = useNavigate();
  const changes = toStore(plan);
  const go = () =>
    apply.mutate(
      { changes, note: format === "ssh_config" ? "import of an SSH configuration" : "import of an Ansible inventory" },
      {
        onSuccess: (count) => {
          notifications.show({ color: "teal", message: `${count} definitions are stored.` });
          void navigate({ to: "/providers" });
        },
      },
    );
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {countsText(plan)}
      </Title>
      <Sentences title="Cannot be imported" sentences={plan.complaints} />
      {plan.complaints.length === 0 ? null : (
        <Checkbox
          label="Leave these machines out"
          checked={leavesOut}
          onChange={(event) => setLeavesOut(event.currentTarget.checked)}
        />
      )}
      <Sentences title="To know" sentences={plan.notes} />
      <PlannedList changes={plan.changes} />
      {apply.isPending ? (
        <Progress
          value={(100 * stored) / changes.length}
          aria-label={`${stored} of ${changes.length} are stored`}
          animated
        />
      ) : null}
      {apply.error === null ? null : (
        <>
          <Text size="sm">
            {stored} of {changes.length} were stored, then this one was refused. Plan again to go on with the rest.
          </Text>
          <ProblemAlert error={apply.error} onRetry={onAgain} />
        </>
      )}
      <Group>
        <DeedButton
          leftSection={<Check size={16} aria-hidden />}
          loading={apply.isPending}
          refusal={refusalOf(plan, leavesOut)}
          onClick={go}
        >
          Store {changes.length === 1 ? "it" : `all ${changes.length}`}
        </DeedButton>
      </Group>
    </Stack>
  );
}

function Sentences({ title, sentences }: { title: string; sentences: readonly string[] }) {
  if (sentences.length === 0) {
    return null;
  }
  return (
    <div>
      <Text fw={600} size="sm">
        {title}
      </Text>
      <List size="sm">
        {sentences.slice(0, MOST_COMPLAINTS).map((sentence) => (
          <List.Item key={sentence} style={{ overflowWrap: "anywhere" }}>
            {sentence}
          </List.Item>
        ))}
      </List>
      {sentences.length > MOST_COMPLAINTS ? (
        <Text size="sm" c="dimmed">
          and {sentences.length - MOST_COMPLAINTS} more
        </Text>
      ) : null}
    </div>
  );
}
