import { Group, Input, SegmentedControl, Stack, TagsInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { NameEntry } from "../../definition-form/fields/NameEntry";
import { errorsOf, inputProps, type Part, setField } from "../../definition-form/fields/Part";
import { TextsEntry } from "../../definition-form/fields/TextsEntry";
import { type JsonObject, textAt } from "../../definition-form/json";
import { groupNamesQuery } from "../../nouns/provider/groupNames";
import { suggestedProvidersQuery } from "../../nouns/provider/suggestions";
import { providerParameters } from "./offers";
import { labelsOf, labelTexts, WAY_TEXTS, type Way, wayOf, withWay } from "./where";

const WAYS = Object.entries(WAY_TEXTS).map(([value, label]) => ({ value, label }));
const MOST_SHOWN = 50;

/** Where a step runs: on one machine, on several, on a group, or on all that have some labels. */
export function WhereEntry({ part, definition }: { part: Part; definition: JsonObject }) {
  const way = wayOf(part.value);
  const { data: providers = [] } = useQuery(suggestedProvidersQuery);
  const names = [...providerParameters(definition), ...providers.map(({ name }) => name)];
  const become = (next: string) =>
    part.change({ do: "set", field: part.at.slice(0, -1), value: withWay(part.value, next as Way) });
  return (
    <Stack gap={6}>
      <Group gap="sm">
        <Input.Label component="div">Runs on</Input.Label>
        <SegmentedControl
          size="xs"
          aria-label={`Where ${textAt(part.value, "name") || "the step"} runs`}
          value={way}
          onChange={become}
          data={WAYS}
        />
      </Group>
      <Where part={part} way={way} names={names} labels={providers.flatMap(({ labels }) => labels)} />
    </Stack>
  );
}

interface WhereProps {
  part: Part;
  way: Way;
  names: readonly string[];
  labels: readonly string[];
}

function Where({ part, way, names, labels }: WhereProps) {
  const { data: groups = [] } = useQuery({ ...groupNamesQuery, enabled: way === "group" });
  switch (way) {
    case "one":
      return (
        <NameEntry
          part={part}
          name="provider"
          label="Provider"
          description="Its name, or a parameter of type provider as {{ name }}"
          suggestions={names}
          isNeeded
        />
      );
    case "list":
      return (
        <TextsEntry
          part={part}
          name="providers"
          label="Providers"
          description="Names, or parameters of type provider as {{ name }}; Enter adds one"
          suggestions={names}
          isKeptEmpty
        />
      );
    case "group":
      return <NameEntry part={part} name="providers.group" label="Group" suggestions={groups} isNeeded isKeptEmpty />;
    case "labels":
      return (
        <TagsInput
          {...inputProps({
            part,
            name: "providers.labels",
            label: "Labels",
            description:
              "As role=web; a machine has to have all of them. Of a label that is named twice either value will do",
          })}
          error={errorsOf(part, "providers")}
          value={labelTexts(part.value)}
          data={[...new Set(labels)]}
          limit={MOST_SHOWN}
          acceptValueOnBlur
          onChange={(texts) => setField(part, "providers", { labels: labelsOf(texts) })}
        />
      );
  }
}
