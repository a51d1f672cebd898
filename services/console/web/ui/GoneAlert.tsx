import { Alert, List } from "@mantine/core";
import { TriangleAlert } from "lucide-react";

/** What a definition names that is not there any more, in the server's sentences; the API leaves it out where there is nothing. */
export function GoneAlert({ gone = [] }: { gone?: readonly string[] | undefined }) {
  if (gone.length === 0) {
    return null;
  }
  return (
    <Alert color="yellow" icon={<TriangleAlert />} title="It names what is not there any more">
      <List size="sm">
        {gone.map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
      </List>
    </Alert>
  );
}
