import { Alert, Text } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import type { Action } from "../../nouns/action/queries";
import { concurrencyText } from "../../nouns/action/sentences";
import { GoneAlert } from "../../ui/GoneAlert";
import { TextLink } from "../../ui/links";

/** What whoever runs an action should know before: what of it is gone, and what of it runs already. */
export function ActionNotes({ action }: { action: Action }) {
  return (
    <>
      <GoneAlert gone={action.gone} />
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
