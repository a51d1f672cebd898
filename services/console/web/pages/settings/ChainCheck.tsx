import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { CircleX, Download, ShieldCheck } from "lucide-react";
import { type FormEvent, useState } from "react";
import { AUDIT_EXPORT, type AuditCheck, placeText, useAuditCheck } from "../../nouns/audit/queries";
import { useRefusal } from "../../nouns/session/can";
import { CommandText } from "../../ui/CommandText";
import { DeedButton } from "../../ui/DeedButton";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Section } from "../../ui/Section";

/** Whether anybody has changed the audit since it was written, and all of it to be kept elsewhere. */
export function ChainCheck() {
  const { check, reached } = useAuditCheck();
  const refusal = useRefusal("audit.read");
  const [expect, setExpect] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (refusal === null && !check.isPending) {
      check.mutate(expect.trim());
    }
  };
  return (
    <Section
      title="The chain of entries"
      beside={
        refusal === null ? (
          <Button
            component="a"
            href={AUDIT_EXPORT}
            download="audit.jsonl"
            variant="default"
            leftSection={<Download size={15} aria-hidden />}
          >
            Export
          </Button>
        ) : null
      }
    >
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Text size="sm">
            Each entry holds the hash of the one before, so that a change of any of them shows. The server walks the
            chain here; who does not trust it verifies on another machine by <code>opsimate audit verify</code>.
          </Text>
          <Group align="flex-end" gap="sm">
            <TextInput
              label="What an earlier check ended with"
              description="NUMBER:HASH, where you have kept one somewhere else"
              value={expect}
              onChange={(event) => setExpect(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              flex="1 1 260px"
              maw={560}
            />
            <DeedButton
              type="submit"
              leftSection={<ShieldCheck size={16} aria-hidden />}
              refusal={refusal}
              loading={check.isPending}
            >
              Verify
            </DeedButton>
          </Group>
          {check.isPending ? (
            <Text size="sm" role="status">
              {reached} entries hold so far.
            </Text>
          ) : null}
          {check.error === null ? null : <ProblemAlert error={check.error} />}
          {check.data === undefined || check.isPending ? null : <Found found={check.data} />}
        </Stack>
      </form>
    </Section>
  );
}

function Found({ found: { last, broken } }: { found: AuditCheck }) {
  if (broken !== null) {
    return (
      <Alert color="red" icon={<CircleX />} title={`It does not hold from entry ${broken.number} on`} role="alert">
        {broken.meaning.charAt(0).toUpperCase() + broken.meaning.slice(1)}.
      </Alert>
    );
  }
  return (
    <Alert color="teal" icon={<ShieldCheck />} title={`All ${last.number} entries hold`} role="status">
      <Stack gap="xs" align="stretch">
        <Text size="sm">Keep this somewhere else, to be compared with later:</Text>
        <CommandText text={placeText(last)} label="the end of the chain" />
      </Stack>
    </Alert>
  );
}
