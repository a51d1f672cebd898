import { Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { RotateCcw } from "lucide-react";
import { asProblem } from "../../api/problem";
import { replayText } from "../../nouns/delivery/outcomes";
import { type Delivery, useReplay } from "../../nouns/delivery/queries";
import { useRefusal } from "../../nouns/session/can";
import { DeedButton } from "../../ui/DeedButton";

/** Has what was posted decided once more, by the rules of now, and says what came of that. */
export function ReplayButton({ delivery }: { delivery: Delivery }) {
  const replay = useReplay();
  const mayReplay = useRefusal("deliveries.replay");
  const told = replayText(delivery);
  return (
    <Stack gap={4} align="flex-start">
      <DeedButton
        size="xs"
        variant="default"
        leftSection={<RotateCcw size={14} aria-hidden />}
        refusal={mayReplay ?? (delivery.replayable ? null : "Not all of it is kept: it was refused, or is too large.")}
        loading={replay.isPending || delivery.replay?.state === "requested"}
        onClick={() =>
          replay.mutate(delivery.id, {
            onError: (error) =>
              notifications.show({ color: "red", title: "It is not decided again", message: asProblem(error).message }),
          })
        }
      >
        Decide again
      </DeedButton>
      {told === null ? null : (
        <Text size="xs" c="dimmed" maw={260} style={{ overflowWrap: "anywhere" }}>
          {told}
        </Text>
      )}
    </Stack>
  );
}
