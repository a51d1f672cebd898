import { Text } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";

interface KeepsTryingProps {
  onRetry: () => void;
}

const EVERY = 3_000;

/** Tries again for as long as it is shown: what is away for a moment comes back without anybody's doing. */
export function KeepsTrying({ onRetry }: KeepsTryingProps) {
  const queries = useQueryClient();
  // What is still under way is waited for: a slow answer is none that is missing.
  useInterval(() => queries.isFetching() === 0 && onRetry(), EVERY, { autoInvoke: true });
  return (
    <Text size="sm" c="dimmed">
      It is tried again every three seconds.
    </Text>
  );
}
