import { Button } from "@mantine/core";
import { ChevronDown, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";

interface UnfoldButtonProps {
  isOpen: boolean;
  onToggle: () => void;
  children: ReactNode;
}

/** Shows what few need, below it, and hides it again. */
export function UnfoldButton({ isOpen, onToggle, children }: UnfoldButtonProps) {
  return (
    <Button
      variant="subtle"
      size="compact-sm"
      style={{ alignSelf: "flex-start" }}
      leftSection={isOpen ? <ChevronDown size={15} aria-hidden /> : <ChevronRight size={15} aria-hidden />}
      aria-expanded={isOpen}
      onClick={onToggle}
    >
      {children}
    </Button>
  );
}
