import { Group, Switch } from "@mantine/core";
import { type Part, setField } from "../../definition-form/fields/Part";
import { TextEntry } from "../../definition-form/fields/TextEntry";

/** That a command restarts its machine, and how long that may take. */
export function DisconnectEntry({ part }: { part: Part }) {
  const restarts = part.value.expect_disconnect !== undefined && part.value.expect_disconnect !== null;
  return (
    <Group align="flex-start" gap="xl">
      <Switch
        label="It restarts its machine"
        checked={restarts}
        mt="xs"
        onChange={(event) => setField(part, "expect_disconnect", event.currentTarget.checked ? {} : undefined)}
      />
      {restarts ? (
        <TextEntry part={part} name="expect_disconnect.back_within" label="Back within" placeholder="10m" />
      ) : null}
    </Group>
  );
}
