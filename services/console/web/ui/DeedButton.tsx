import { Button, type ButtonProps, Tooltip } from "@mantine/core";
import type { ComponentPropsWithoutRef } from "react";
import { HINTS } from "./hints";

interface DeedButtonProps extends ButtonProps, Omit<ComponentPropsWithoutRef<"button">, keyof ButtonProps> {
  /** Why it may not be done now; none where it may. */
  refusal: string | null;
}

/** A button that says why it is disabled, also to whoever comes to it by keyboard or presses it with a finger. */
export function DeedButton({ refusal, onClick, ...props }: DeedButtonProps) {
  return (
    <Tooltip label={refusal} disabled={refusal === null} events={HINTS} withinPortal multiline maw={320}>
      <Button
        {...props}
        {...(refusal === null ? {} : { "data-disabled": true, "aria-disabled": true })}
        onClick={(event) => (refusal === null ? onClick?.(event) : event.preventDefault())}
      />
    </Tooltip>
  );
}
