import { Select, Stack } from "@mantine/core";
import { PairsEntry } from "../fields/PairsEntry";
import { type Part, setField } from "../fields/Part";
import { valueAt } from "../json";
import { PlaceholderEntry } from "./PlaceholderEntry";

const WAYS = [
  { value: "name", label: "by its name" },
  { value: "host", label: "by the host that the alert names" },
  { value: "labels", label: "by labels that it has" },
];

interface ProviderWayEntryProps {
  part: Part;
  /** Of the parameter. */
  name: string;
  label: string;
  /** What may stand between double braces. */
  names: readonly string[];
}

/** How the one provider is found that a run gets for an alert. */
export function ProviderWayEntry({ part, name, label, names }: ProviderWayEntryProps) {
  const field = `parameters.${name}`;
  const at = `${field}.provider`;
  const choice = valueAt(part.value, at);
  const way = choice === undefined ? "name" : valueAt(choice, "labels") === undefined ? "host" : "labels";
  const choose = (chosen: string | null) =>
    setField(
      part,
      field,
      chosen === "host"
        ? { provider: { host: "{{ alert.labels.instance }}" } }
        : chosen === "labels"
          ? { provider: { labels: { role: "{{ alert.labels.job }}" } } }
          : undefined,
    );
  return (
    <Stack gap="sm">
      <Select label={`${label} is chosen`} data={WAYS} value={way} allowDeselect={false} onChange={choose} maw={360} />
      {way === "host" ? (
        <PlaceholderEntry
          part={part}
          name={`${at}.host`}
          label={`Host of ${label}`}
          description="A provider of this name, or one that is connected to there; a port is left out"
          names={names}
          isKeptEmpty
        />
      ) : null}
      {way === "labels" ? (
        <PairsEntry
          part={part}
          name={`${at}.labels`}
          label={`Labels of ${label}`}
          description="The one provider that has all of them; of the alert, as {{ alert.labels.job }}"
          noun="provider label"
          placeholder="role"
        />
      ) : null}
    </Stack>
  );
}
