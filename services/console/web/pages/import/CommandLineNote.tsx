import { Stack, Text } from "@mantine/core";
import type { InventoryRequest } from "../../nouns/inventory/queries";
import { CommandText } from "../../ui/CommandText";

const NOTES = {
  ansible_inventory: {
    text: "What lies beside an inventory (group_vars, host_vars, key files) is read by the command line alone, which also deletes what the inventory holds no longer. It shows its plan first:",
    command: "opsimate import ansible-inventory hosts.ini --prune",
  },
  ssh_config: {
    text: "Files that a configuration includes, and key files, are read by the command line alone, which also deletes what the configuration holds no longer. It shows its plan first:",
    command: "opsimate import ssh-config ~/.ssh/config --prune",
  },
} satisfies Record<InventoryRequest["format"], { text: string; command: string }>;

/** What of an import a browser cannot do, and the command that does it. */
export function CommandLineNote({ format }: Pick<InventoryRequest, "format">) {
  const { text, command } = NOTES[format];
  return (
    <Stack gap="xs" maw={760}>
      <Text size="sm" c="dimmed">
        {text}
      </Text>
      <CommandText text={command} label="the command that imports" />
    </Stack>
  );
}
