import { Alert, Button, List, Stack, Text } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import { asProblem } from "../api/problem";
import { KeepsTrying } from "./KeepsTrying";

interface ProblemAlertProps {
  error: unknown;
  /** Offered as a button. */
  onRetry?: () => void;
  /** Whether it was something to be done, which nothing does again but whoever wants it done. */
  isDeed?: boolean;
}

/** What went wrong, in the server's words, and the way to try again; what may pass is tried again by itself. */
export function ProblemAlert({ error, onRetry, isDeed = false }: ProblemAlertProps) {
  const problem = asProblem(error);
  return (
    <Alert color="red" icon={<CircleAlert />} title={problem.title} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {problem.message}
        </Text>
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
        {onRetry !== undefined && problem.isPassing && !isDeed ? <KeepsTrying onRetry={onRetry} /> : null}
      </Stack>
    </Alert>
  );
}
