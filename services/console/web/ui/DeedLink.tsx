import { Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentPropsWithRef } from "react";
import { DeedButton } from "./DeedButton";

interface DeedAnchorProps extends ButtonProps, Omit<ComponentPropsWithRef<"a">, keyof ButtonProps> {
  /** Why whoever is led there could do nothing; none where they could. */
  refusal: string | null;
}

/** A button that leads to where something is done; where that may not be, it leads nowhere and says why. */
export const DeedLink = createLink(DeedAnchor);

function DeedAnchor({ refusal, ...props }: DeedAnchorProps) {
  const { variant, leftSection, size, children } = props;
  return refusal === null ? (
    <Button component="a" {...props} />
  ) : (
    <DeedButton variant={variant} leftSection={leftSection} size={size} refusal={refusal}>
      {children}
    </DeedButton>
  );
}
