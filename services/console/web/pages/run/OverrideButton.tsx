import { FastForward } from "lucide-react";
import { useOverride } from "../../nouns/run/queries";
import { useRefusal } from "../../nouns/session/can";
import { askFirst } from "../../ui/askFirst";
import { DeedButton } from "../../ui/DeedButton";

/** Lets a run pass the maintenance window that holds it, once somebody has said why. */
export function OverrideButton({ runId }: { runId: string }) {
  const override = useOverride(runId);
  return (
    <DeedButton
      size="xs"
      variant="default"
      mt="xs"
      display="block"
      leftSection={<FastForward size={14} aria-hidden />}
      refusal={useRefusal("runs.override")}
      onClick={() =>
        askFirst({
          title: "Let it pass the maintenance window?",
          text: "It begins now, although nothing is to run by itself. Who did so, and why, stays in its timeline and in the audit: say why.",
          deed: "Let it pass",
          asksWhy: true,
          onDo: (comment) => override.mutateAsync(comment),
        })
      }
    >
      Let it pass
    </DeedButton>
  );
}
