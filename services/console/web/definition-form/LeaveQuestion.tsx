import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import type { RefObject } from "react";
import { arrive } from "../ui/arrive";

interface LeaveQuestionProps {
  /** Whether there is something to lose. */
  isAsked: boolean;
  /** Set once it is saved, before anything is drawn anew. */
  hasLeft: RefObject<boolean>;
  isKept: boolean;
  onDiscard: () => void;
}

/** Asks whoever leaves a form what becomes of what they wrote. */
export function LeaveQuestion({ isAsked, hasLeft, isKept, onDiscard }: LeaveQuestionProps) {
  const blocker = useBlocker({
    // Another view of the same form leaves nothing, and whose session has ended comes back to what was kept.
    shouldBlockFn: ({ current, next }) =>
      isAsked && !hasLeft.current && next.pathname !== current.pathname && next.pathname !== "/sign-in",
    enableBeforeUnload: () => isAsked && !hasLeft.current,
    withResolver: true,
  });
  return (
    <Modal
      opened={blocker.status === "blocked"}
      onClose={() => blocker.reset?.()}
      // What led away may be gone, as Ctrl K is: the keyboard is not left outside the page.
      onExitTransitionEnd={() => document.activeElement?.closest("[role=dialog]") && arrive()}
      title="Your changes are not saved"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack>
        <Text size="sm">
          {isKept
            ? "This browser keeps them for a week: you find them here when you come back."
            : "This browser keeps no copy: they are lost when you leave."}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => blocker.reset?.()} data-autofocus>
            Stay
          </Button>
          <Button
            {...(isKept ? { variant: "default" } : { color: "red.9" })}
            onClick={() => {
              hasLeft.current = true;
              onDiscard();
              blocker.proceed?.();
            }}
          >
            Discard them
          </Button>
          {isKept ? <Button onClick={() => blocker.proceed?.()}>Leave and keep them</Button> : null}
        </Group>
      </Stack>
    </Modal>
  );
}
