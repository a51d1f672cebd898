import { Button, Fieldset, Group, Stack } from "@mantine/core";
import { Trash2 } from "lucide-react";
import { FaultList } from "../../definition-form/FaultList";
import { faultsWithin, unplaced } from "../../definition-form/faults";
import { FlagEntry } from "../../definition-form/fields/FlagEntry";
import type { Part } from "../../definition-form/fields/Part";
import { MappedFields } from "../../definition-form/rule/MappedFields";
import { MatchFields } from "../../definition-form/rule/MatchFields";
import { RESPONSE_FIELDS, ResponseFields } from "../../definition-form/rule/ResponseFields";
import { RESTRAINT_FIELDS, RestraintFields } from "../../definition-form/rule/RestraintFields";
import type { Alert, Episode } from "../../nouns/alert/queries";
import type { Parameter } from "../../parameters/drafts";

const FIELDS = ["match", "source", "enabled", ...RESTRAINT_FIELDS, ...RESPONSE_FIELDS];

interface TriggerFieldsProps {
  part: Part;
  number: number;
  parameters: readonly Parameter[];
  recent: readonly Episode[];
  /** The alert on which it is shown what the action is given. */
  sample: Alert | null;
  onRemove: () => void;
}

/** One rule of an action's own: for which alerts it runs, with which values of them, and whether people are asked. */
export function TriggerFields({ part, number, parameters, recent, sample, onRemove }: TriggerFieldsProps) {
  const entry = part.at.replace(/\.$/, "");
  return (
    <Fieldset legend={`Alerts ${number}`} variant="default" p="sm">
      <Stack gap="sm" data-field={entry}>
        <FaultList faults={unplaced(faultsWithin(part.faults, entry), part.at, FIELDS)} />
        <MatchFields part={part} recent={recent} />
        <MappedFields part={part} parameters={parameters} recent={recent} sample={sample} />
        <ResponseFields part={part} />
        <RestraintFields part={part} />
        <Group justify="space-between">
          <FlagEntry part={part} name="enabled" label="Enabled" usual />
          <Button
            variant="default"
            size="xs"
            leftSection={<Trash2 size={14} aria-hidden />}
            aria-label={`Remove alerts ${number}`}
            onClick={onRemove}
          >
            Remove
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
}
