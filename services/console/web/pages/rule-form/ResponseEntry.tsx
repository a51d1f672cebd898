import { Button, Fieldset, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { FaultList } from "../../definition-form/FaultList";
import { faultsWithin, unplaced } from "../../definition-form/faults";
import { ActionEntry } from "../../definition-form/fields/ActionEntry";
import type { Part } from "../../definition-form/fields/Part";
import { textAt } from "../../definition-form/json";
import { MappedFields } from "../../definition-form/rule/MappedFields";
import { RESPONSE_FIELDS, ResponseFields } from "../../definition-form/rule/ResponseFields";
import { actionQuery } from "../../nouns/action/queries";
import type { Alert, Episode } from "../../nouns/alert/queries";

const PAUSE = 300;
const FIELDS = ["action", ...RESPONSE_FIELDS];

interface ResponseEntryProps {
  part: Part;
  number: number;
  recent: readonly Episode[];
  /** The alert on which it is shown what the action is given. */
  sample: Alert | null;
  /** Null where it is the only one. */
  onRemove: (() => void) | null;
}

/** One action that a rule runs: when, and with what. */
export function ResponseEntry({ part, number, recent, sample, onRemove }: ResponseEntryProps) {
  const entry = part.at.replace(/\.$/, "");
  const written = textAt(part.value, "action");
  const [name] = useDebouncedValue(written, PAUSE);
  const { data: action } = useQuery({ ...actionQuery(name), enabled: name !== "", retry: false });
  return (
    <Fieldset legend={`Action ${number}`} variant="default" p="sm">
      <Stack gap="sm" data-field={entry}>
        <FaultList faults={unplaced(faultsWithin(part.faults, entry), part.at, FIELDS)} />
        <ActionEntry part={part} />
        {action === undefined || action.name !== written ? (
          <Text size="sm" c="dimmed">
            Choose the action, and what it asks for stands here.
          </Text>
        ) : (
          <MappedFields part={part} parameters={action.parameters} recent={recent} sample={sample} />
        )}
        <ResponseFields part={part} />
        {onRemove === null ? null : (
          <Button
            variant="default"
            size="xs"
            leftSection={<Trash2 size={14} aria-hidden />}
            aria-label={`Remove action ${number}`}
            style={{ alignSelf: "flex-start" }}
            onClick={onRemove}
          >
            Remove
          </Button>
        )}
      </Stack>
    </Fieldset>
  );
}
