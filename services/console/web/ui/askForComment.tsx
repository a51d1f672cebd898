import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { modals } from "@mantine/modals";
import { type FormEvent, useState } from "react";
import { ProblemAlert } from "./ProblemAlert";

interface Question {
  title: string;
  text: string;
  /** On the button that does it. */
  deed: string;
  color: string;
  /** Does it with what the person wrote; what it throws is shown, and the question stays. */
  onDo: (comment: string) => Promise<unknown>;
}

/** Ask before something is done, with room to say why; it closes once it is done. */
export function askForComment(question: Question): void {
  const id = modals.open({
    title: question.title,
    children: <CommentForm question={question} onClose={() => modals.close(id)} />,
  });
}

function CommentForm({ question, onClose }: { question: Question; onClose: () => void }) {
  const [comment, setComment] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [isPending, setIsPending] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setIsPending(true);
    try {
      await question.onDo(comment.trim());
      onClose();
    } catch (thrown) {
      setError(thrown);
      setIsPending(false);
    }
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">{question.text}</Text>
        <Textarea
          label="Why"
          description="For whoever reads it later"
          value={comment}
          maxLength={1000}
          onChange={(event) => setComment(event.currentTarget.value)}
          autosize
          data-autofocus
        />
        {error === null ? null : <ProblemAlert error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button type="submit" color={question.color} loading={isPending}>
            {question.deed}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
