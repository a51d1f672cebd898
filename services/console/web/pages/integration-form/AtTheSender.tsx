import { Stack, Text } from "@mantine/core";
import type { Part } from "../../definition-form/fields/Part";
import { isObject, textAt, valueAt } from "../../definition-form/json";
import type { Integration } from "../../nouns/integration/queries";
import { senderTexts } from "../../nouns/integration/senderTexts";
import { CommandText } from "../../ui/CommandText";

/** What to set up at the sender: the address, and what has to be shown there. */
export function AtTheSender({ part }: { part: Part }) {
  const name = textAt(part.value, "name");
  const source = textAt(part.value, "source");
  if (name === "" || source === "") {
    return (
      <Text size="sm" c="dimmed">
        Name it, and what its sender needs stands here.
      </Text>
    );
  }
  const verify = valueAt(part.value, "verify");
  const given = { name, source, verify: (isObject(verify) ? verify : {}) as Integration["verify"] };
  return (
    <Stack gap="sm">
      {senderTexts(given, window.location.origin).map(({ label, text }) => (
        <div key={label}>
          <Text size="sm" fw={600} mb={4}>
            {label}
          </Text>
          <CommandText text={text} label={label.toLowerCase()} />
        </div>
      ))}
      <Text size="sm">
        SECRET stands for the value of the secret, which nothing here shows. What else this sender needs is in{" "}
        <code>docs/sources/{source}.md</code>. Where the alert-bridge is a process of its own, the address is that
        one's, port 8081 by default.
      </Text>
    </Stack>
  );
}
