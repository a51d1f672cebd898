import { Select, Text } from "@mantine/core";
import type { Episode } from "../../nouns/alert/queries";
import { titleOf } from "../../nouns/alert/titleOf";
import type { useSample } from "./useSample";

/** Which of the alerts that came lately it is shown on. */
export function SampleEntry({ recent, sample, choose }: ReturnType<typeof useSample>) {
  if (sample === null) {
    return (
      <Text size="sm" c="dimmed">
        No alert has come yet on which it could be shown what these come to.
      </Text>
    );
  }
  return (
    <Select
      label="Shown on the alert"
      description="What is taken of an alert, as it would be of this one"
      data={recent.map((episode) => ({ value: episode.id, label: labelOf(episode) }))}
      value={sample.id}
      allowDeselect={false}
      searchable
      maw={480}
      onChange={(id) => choose(id ?? undefined)}
    />
  );
}

function labelOf(episode: Episode): string {
  const { instance } = episode.alert.labels;
  return instance === undefined || instance === "" ? titleOf(episode) : `${titleOf(episode)} · ${instance}`;
}
