import { Alert, Button, Stack, Text } from "@mantine/core";
import { KeyRound } from "lucide-react";
import type { NewToken } from "../../nouns/token/queries";
import { CommandText } from "../../ui/CommandText";

/** A token that was just made, the only time that it is shown. */
export function TokenOnce({ token, onSeen }: { token: NewToken; onSeen: () => void }) {
  return (
    <Alert
      color="teal"
      icon={<KeyRound />}
      title={`The token ${token.name} is made`}
      role="status"
      // However long its name is, the token itself is to be seen whole on a phone.
      styles={{ body: { minWidth: 0 }, label: { overflowWrap: "anywhere" } }}
    >
      <Stack gap="xs" align="stretch">
        <Text size="sm">Copy it now: nothing shows it again.</Text>
        <CommandText text={token.token} label={`the token ${token.name}`} />
        <div>
          <Button size="xs" variant="default" onClick={onSeen}>
            I have it
          </Button>
        </div>
      </Stack>
    </Alert>
  );
}
