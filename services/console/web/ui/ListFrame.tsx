import { Button, Center, Skeleton, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { ProblemAlert } from "./ProblemAlert";

export interface ListFrameProps<Item> {
  items: readonly Item[];
  /** Shown where there is nothing: nothing yet, or nothing that the filters leave. */
  empty: ReactNode;
  isPending: boolean;
  error: unknown;
  onRetry: () => void;
  /** Where there is more to read. */
  more?: { isReading: boolean; onRead: () => void } | undefined;
}

/** What stands around every list: that it is read, what is missing, that there is nothing, and the way to read on. */
export function ListFrame<Item>(props: ListFrameProps<Item> & { children: ReactNode }) {
  const { items, empty, isPending, error, onRetry, more, children } = props;
  return (
    <Stack gap="sm">
      {error === null ? null : <ProblemAlert error={error} onRetry={onRetry} />}
      {isPending ? <Skeleton height={220} role="status" aria-label="The list is being loaded" /> : null}
      {items.length > 0 ? children : null}
      {items.length === 0 && !isPending && error === null ? empty : null}
      {more === undefined ? null : (
        <Center>
          <Button variant="default" loading={more.isReading} onClick={more.onRead}>
            Show more
          </Button>
        </Center>
      )}
    </Stack>
  );
}
