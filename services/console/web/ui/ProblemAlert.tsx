import { Alert, Button, List, Stack, Text } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import { asProblem } from "../api/problem";

interface ProblemAlertProps {
  error: unknown;
  /** Offered as a button. */
  onRetry?: () => void;
}

/** What went wrong, in the server's words, and the way to try again. */
export function ProblemAlert({ error, onRetry }: ProblemAlertProps) {
  const problem = asProblem(error);
  return (
    <Alert color="red" icon={<CircleAlert />} title={problem.title} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{problem.message}</Text>
        {problem.errors.length > 1 ? (
          <List size="sm">
            {problem.errors.map((error) => (
              <List.Item key={error.field}>
                <b>{error.field}</b>: {error.message}
              </List.Item>
            ))}
          </List>
        ) : null}
        {onRetry === undefined ? null : (
          <Button size="xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
