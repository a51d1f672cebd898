import { Button, Fieldset, Group, MultiSelect, SimpleGrid, Stack, Text } from "@mantine/core";
import { Trash2 } from "lucide-react";
import { ApprovalEntry } from "../../definition-form/fields/ApprovalEntry";
import { ChoiceEntry } from "../../definition-form/fields/ChoiceEntry";
import { FlagEntry } from "../../definition-form/fields/FlagEntry";
import { PairsEntry } from "../../definition-form/fields/PairsEntry";
import { errorsOf, inputProps, type Part, setField } from "../../definition-form/fields/Part";
import { TextEntry } from "../../definition-form/fields/TextEntry";
import { isObject, textAt, textsAt, valueAt } from "../../definition-form/json";
import { ALERT_SOURCES, sourceText } from "../../nouns/alert/sources";
import type { Parameter } from "../../parameters/drafts";

const SEVERITIES = ["critical", "high", "warning", "info", "unknown"];
const SOURCES = { any: "Any", ...Object.fromEntries(ALERT_SOURCES.map((source) => [source, sourceText(source)])) };

/** What may be said in more ways than its field here shows. */
const MORE = ["match.severity", "source"];

interface TriggerFieldsProps {
  part: Part;
  number: number;
  parameters: readonly Parameter[];
  onRemove: () => void;
}

/** One rule of an action's own: for which alerts it runs, with which values of them, and whether people are asked. */
export function TriggerFields({ part, number, parameters, onRemove }: TriggerFieldsProps) {
  const labels = valueAt(part.value, "match.labels");
  const severities = textsAt(part.value, "match.severity");
  const hasMore = MORE.some((name) => isObject(valueAt(part.value, name))) || textAt(part.value, "match.when") !== "";
  const matchesAll = severities.length === 0 && !hasMore && !(isObject(labels) && Object.keys(labels).length > 0);
  return (
    <Fieldset legend={`Alerts ${number}`} variant="default" p="sm">
      <Stack gap="sm">
        <PairsEntry
          part={part}
          name="match.labels"
          label="Labels"
          description="Each has to be equal, such as alertname"
          noun="label"
          placeholder="alertname"
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <MultiSelect
            {...inputProps({ part, name: "match.severity", label: "Severity", description: "One of these" })}
            placeholder={severities.length === 0 ? "any" : undefined}
            data={SEVERITIES}
            value={severities}
            clearable
            onChange={(chosen) => setField(part, "match.severity", chosen.length === 0 ? undefined : chosen)}
          />
          <ChoiceEntry part={part} name="source" label="Source" usual="any" options={SOURCES} />
        </SimpleGrid>
        {hasMore ? <Text size="sm">It says more of the alerts than these fields show: see the YAML.</Text> : null}
        {matchesAll ? <Text size="sm">Nothing is named: every alert runs it.</Text> : null}
        {parameters.map(({ name, title }) => (
          <SimpleGrid key={name} cols={{ base: 1, sm: 2 }}>
            <TextEntry
              part={part}
              name={`parameters.${name}`}
              label={title || name}
              description="A value, or of the alert, as {{ alert.labels.instance }}"
              isCode
            />
            <TextEntry
              part={part}
              name={`defaults.${name}`}
              label={`${title || name}, where the alert has none`}
              description="Left empty, nothing runs then"
              isCode
            />
          </SimpleGrid>
        ))}
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <ChoiceEntry
            part={part}
            name="timing"
            label="It starts"
            usual="immediately"
            options={{
              immediately: "At once",
              after_delay: "After a delay, if the alert fires then still",
              after_approval: "Once it is approved",
            }}
          />
          <ChoiceEntry
            part={part}
            name="refire"
            label="If the alert starts once more"
            usual="ignore"
            options={{ ignore: "Nothing more is run", run: "It is run again" }}
          />
        </SimpleGrid>
        {textAt(part.value, "timing") === "after_delay" ? (
          <TextEntry part={part} name="delay" label="Delay" description="After the alert's report, such as 5m" />
        ) : (
          errorsOf(part, "delay")
        )}
        {textAt(part.value, "timing") === "after_approval" ? (
          <ApprovalEntry part={part} name="approval" label="" isGiven />
        ) : (
          errorsOf(part, "approval")
        )}
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
