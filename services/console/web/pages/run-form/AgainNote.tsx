import { Alert, List, Text } from "@mantine/core";
import { RotateCcw } from "lucide-react";
import type { Action } from "../../nouns/action/queries";
import type { Run } from "../../nouns/run/states";
import type { Again } from "../../parameters/again";
import { TextLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";

interface AgainNoteProps {
  action: Action;
  earlier: Run;
  again: Again;
}

/** Of which run the values are that stand in the form, and what is not as it was then. */
export function AgainNote({ action, earlier, again: { lost, gone } }: AgainNoteProps) {
  const titles = lost.map(({ name, title }) => title || name);
  return (
    <Alert color="blue" icon={<RotateCcw />} title="Again, with the values of an earlier run">
      <Text size="sm" component="div">
        <TextLink to="/runs/$runId" params={{ runId: earlier.id }} size="sm" underline="always">
          The run
        </TextLink>{" "}
        that {earlier.trigger.by} asked for <RelativeTime at={earlier.created_at} />. Change what is to be another.
      </Text>
      <List size="sm" mt={4}>
        {earlier.action.version === action.version ? null : (
          <List.Item>
            It ran version {earlier.action.version} of the action; this one runs version {action.version}.{" "}
            <TextLink
              to="/actions/$name/versions"
              params={{ name: action.name }}
              search={{ version: action.version, against: earlier.action.version }}
              size="sm"
              underline="always"
            >
              What has changed
            </TextLink>
          </List.Item>
        )}
        {titles.length === 0 ? null : <List.Item>Give anew, as nothing shows it: {titles.join(", ")}.</List.Item>}
        {gone.length === 0 ? null : <List.Item>Not asked for any more: {gone.join(", ")}.</List.Item>}
      </List>
    </Alert>
  );
}
