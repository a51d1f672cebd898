import { Alert, List, Text } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import type { Action } from "../../nouns/action/queries";
import { concurrencyText } from "../../nouns/action/sentences";
import { TextLink } from "../../ui/links";

/** What whoever runs an action should know before: what of it is gone, and what of it runs already. */
export function ActionNotes({ action }: { action: Action }) {
  // The API leaves it out where there is nothing.
  const gone = action.gone ?? [];
  return (
    <>
      {gone.length === 0 ? null : (
        <Alert color="yellow" icon={<TriangleAlert />} title="It names what is not there any more">
          <List size="sm">
            {gone.map((sentence) => (
              <List.Item key={sentence}>{sentence}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {action.running === 0 ? null : (
        <Alert color="blue" icon={<TriangleAlert />} title="It is running already">
          <TextLink to="/runs" search={{ action: action.name, state: "running" }} size="sm">
            {action.running === 1 ? "Look at the run" : `Look at the ${action.running} runs`}
          </TextLink>
        </Alert>
      )}
      {action.concurrency === undefined || action.concurrency === null ? null : (
        <Text size="sm">{concurrencyText(action.concurrency)}</Text>
      )}
    </>
  );
}
