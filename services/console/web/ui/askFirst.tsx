import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { closeDialog, openDialog } from "./dialog";
import { ProblemAlert } from "./ProblemAlert";
import { useTypedText } from "./useTyped";

interface Question {
  title: string;
  text: string;
  /** On the button that does it. */
  deed: string;
  /** Of that button; red where nothing is said, as of what is not easily undone. */
  color?: string;
  /** Whether there is room to say why. */
  asksWhy?: boolean;
  /** Does it with what the person wrote; what it throws is shown, and the question stays. */
  onDo: (why: string) => Promise<unknown>;
}

/** How many questions were asked: no one begins with what stood in the one before. */
let asked = 0;

/** Ask before something is done; the question closes once it is done. */
export function askFirst(question: Question): void {
  asked += 1;
  const mine = asked;
  // An answer that comes late closes no other question.
  const close = () => mine === asked && closeDialog();
  openDialog(question.title, <QuestionForm key={mine} question={question} onClose={close} />);
}

function QuestionForm({ question, onClose }: { question: Question; onClose: () => void }) {
  const { title, text, deed, color = "red.9", asksWhy = false, onDo } = question;
  const why = useTypedText(`why ${window.location.pathname} ${title}`);
  const [error, setError] = useState<unknown>(null);
  const [isPending, setIsPending] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setIsPending(true);
    try {
      await onDo(why.text.trim());
      why.forget();
      onClose();
    } catch (thrown) {
      setError(thrown);
      setIsPending(false);
    }
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">{text}</Text>
        {asksWhy ? (
          <Textarea
            label="Why"
            description="For whoever reads it later"
            value={why.text}
            maxLength={1000}
            onChange={(event) => why.setText(event.currentTarget.value)}
            autosize
            data-autofocus
          />
        ) : null}
        {error === null ? null : <ProblemAlert error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus={asksWhy ? undefined : true}>
            Back
          </Button>
          <Button type="submit" color={color} loading={isPending}>
            {deed}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
