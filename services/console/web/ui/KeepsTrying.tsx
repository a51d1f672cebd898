import { Text } from "@mantine/core";
import { useInterval } from "@mantine/hooks";

interface KeepsTryingProps {
  onRetry: () => void;
}

const EVERY = 3_000;

/** Tries again for as long as it is shown: what is away for a moment comes back without anybody's doing. */
export function KeepsTrying({ onRetry }: KeepsTryingProps) {
  useInterval(onRetry, EVERY, { autoInvoke: true });
  return (
    <Text size="sm" c="dimmed">
      It is tried again every three seconds.
    </Text>
  );
}
