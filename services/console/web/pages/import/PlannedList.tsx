import { Button, Group, Stack, Text } from "@mantine/core";
import { CircleCheck, CirclePlus, CircleX, Pencil } from "lucide-react";
import { useState } from "react";
import type { ImportPlan, PlannedDefinition } from "../../nouns/inventory/queries";
import { DiffText } from "../../ui/DiffText";
import { LookBadge } from "../../ui/LookBadge";
import { changeWord } from "./counts";

const LOOKS = {
  created: { color: "teal", icon: CirclePlus },
  changed: { color: "blue", icon: Pencil },
  unchanged: { color: "gray", icon: CircleCheck },
  deleted: { color: "red", icon: CircleX },
  refused: { color: "red", icon: CircleX },
} as const satisfies Record<PlannedDefinition["change"], object>;

const KINDS: Readonly<Record<string, string>> = {
  secret: "secret",
  provider: "provider",
  provider_group: "group",
};

const FEW = 100;

/** Each definition with what would become of it; of those that are changed, what is another. */
export function PlannedList({ changes }: Pick<ImportPlan, "changes">) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? changes : changes.slice(0, FEW);
  return (
    <Stack gap={6} component="ul" m={0} p={0} aria-label="Definitions" style={{ listStyle: "none" }}>
      {shown.map(({ planned }) => (
        <li key={`${planned.kind} ${planned.name}`}>
          <Planned planned={planned} />
        </li>
      ))}
      {changes.length > FEW ? (
        <li>
          <Button size="compact-xs" variant="subtle" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
            {isWhole ? "Show fewer" : `and ${changes.length - FEW} more`}
          </Button>
        </li>
      ) : null}
    </Stack>
  );
}

function Planned({ planned }: { planned: PlannedDefinition }) {
  const { kind, name, change, diff, errors, warnings, file_set: fileSet } = planned;
  return (
    <Stack gap={4}>
      <Group gap="xs">
        <LookBadge look={{ ...LOOKS[change], label: changeWord(change) }} />
        <Text span size="sm" style={{ overflowWrap: "anywhere" }}>
          {KINDS[kind] ?? kind} <b>{name}</b>
        </Text>
        {change === "changed" && fileSet !== "" ? (
          <Text span size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            made by {fileSet}
          </Text>
        ) : null}
      </Group>
      {[...errors, ...warnings].map(({ field, message }) => (
        <Text key={`${field} ${message}`} size="sm" style={{ overflowWrap: "anywhere" }}>
          {field}: {message}
        </Text>
      ))}
      {change === "changed" && kind === "secret" ? (
        <Text size="sm">A secret of this name is there: its value would be replaced.</Text>
      ) : null}
      {change === "changed" && diff !== "" ? <DiffText diff={diff} label={`What would change of ${name}`} /> : null}
    </Stack>
  );
}
