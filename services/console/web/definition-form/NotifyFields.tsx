import { ActionIcon, Button, Group, MultiSelect, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { EVENTS, USUAL_EVENTS } from "../nouns/channel/events";
import { channelNamesQuery } from "../nouns/channel/queries";
import { NameEntry } from "./fields/NameEntry";
import { inputProps, type Part, setField } from "./fields/Part";
import { isObject, isSameJson, listAt, textAt, textsAt } from "./json";

const FIELD = "notify";

interface NotifyFieldsProps {
  part: Part;
  /** What it means that no channel is named. */
  none: string;
}

/** Which channels are told of which runs. */
export function NotifyFields({ part, none }: NotifyFieldsProps) {
  const { data: channels = [] } = useQuery(channelNamesQuery);
  const entries = listAt(part.value, FIELD);
  const remove = (index: number) => {
    const rest = entries.toSpliced(index, 1);
    setField(part, FIELD, rest.length === 0 ? undefined : rest);
  };
  return (
    <Stack gap="sm" data-field={FIELD}>
      {entries.length === 0 ? (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      ) : null}
      {entries.map((entry, index) => {
        const own: Part = { ...part, value: isObject(entry) ? entry : {}, at: `${FIELD}.${index}.` };
        const on = own.value.on === undefined ? USUAL_EVENTS : textsAt(own.value, "on");
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: its fields show what stands there, and nothing else
          <Group key={index} gap="sm" align="flex-start" role="group" aria-label={`Notification ${index + 1}`}>
            <NameEntry part={own} name="channel" label="Channel" suggestions={channels} isNeeded isKeptEmpty />
            <MultiSelect
              {...inputProps({ part: own, name: "on", label: "Is told of" })}
              data={EVENTS}
              value={[...on]}
              onChange={(chosen) =>
                setField(own, "on", isSameJson(chosen.toSorted(), USUAL_EVENTS.toSorted()) ? undefined : chosen)
              }
              flex="1 1 240px"
            />
            <ActionIcon
              variant="default"
              size={36}
              mt={24}
              aria-label={`Remove ${textAt(own.value, "channel") || `notification ${index + 1}`}`}
              onClick={() => remove(index)}
            >
              <X size={15} aria-hidden />
            </ActionIcon>
          </Group>
        );
      })}
      <Button
        variant="default"
        size="sm"
        leftSection={<Plus size={15} aria-hidden />}
        style={{ alignSelf: "flex-start" }}
        onClick={() => setField(part, FIELD, [...entries, { channel: "" }])}
      >
        Tell a channel
      </Button>
    </Stack>
  );
}
