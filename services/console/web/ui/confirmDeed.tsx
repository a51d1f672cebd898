import { Button, Group, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useState } from "react";
import { ProblemAlert } from "./ProblemAlert";

interface Question {
  title: string;
  text: string;
  /** On the button that does it. */
  deed: string;
  /** What it throws is shown, and the question stays. */
  onDo: () => Promise<unknown>;
}

/** Ask before something is done that is not easily undone; it closes once it is done. */
export function confirmDeed(question: Question): void {
  const id = modals.open({
    title: question.title,
    children: <Confirmation question={question} onClose={() => modals.close(id)} />,
  });
}

function Confirmation({ question, onClose }: { question: Question; onClose: () => void }) {
  const [error, setError] = useState<unknown>(null);
  const [isPending, setIsPending] = useState(false);
  const go = async () => {
    setIsPending(true);
    try {
      await question.onDo();
      onClose();
    } catch (thrown) {
      setError(thrown);
      setIsPending(false);
    }
  };
  return (
    <Stack>
      <Text size="sm">{question.text}</Text>
      {error === null ? null : <ProblemAlert error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          Back
        </Button>
        <Button color="red.9" loading={isPending} onClick={go}>
          {question.deed}
        </Button>
      </Group>
    </Stack>
  );
}
