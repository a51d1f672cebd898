import { Button } from "@mantine/core";
import { Wrench } from "lucide-react";
import type { Fix } from "./faults";
import type { Json } from "./json";
import type { Change } from "./state";

interface FixButtonProps {
  fix: Fix;
  change: (change: Change) => void;
}

/** A way out that the server names: one press makes each of its changes; what is null is taken away. */
export function FixButton({ fix, change }: FixButtonProps) {
  const take = () => {
    for (const [field, value] of Object.entries(fix.changes)) {
      change({ do: "set", field, value: value === null ? undefined : (value as Json) });
    }
  };
  return (
    <Button
      size="compact-xs"
      variant="light"
      leftSection={<Wrench size={13} aria-hidden />}
      onClick={take}
      h="auto"
      mih={26}
      py={3}
      styles={{ label: { whiteSpace: "normal", textAlign: "start", overflowWrap: "anywhere" } }}
    >
      {fix.title.charAt(0).toUpperCase() + fix.title.slice(1)}
    </Button>
  );
}
