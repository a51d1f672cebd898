import { Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Check, X } from "lucide-react";
import { askFirst } from "../../ui/askFirst";
import { DeedButton } from "../../ui/DeedButton";
import { inOrder } from "../../ui/inOrder";
import { useDecisionRefusals } from "./can";
import { type ApprovalItem, useDecide } from "./queries";
import { decidedText, titleOfItem, whichText } from "./sentences";

/** The two ways to decide about what waits, each with room to say why. */
export function DecideButtons({ item }: { item: ApprovalItem }) {
  const decide = useDecide(item);
  const refusals = useDecisionRefusals(item);
  const title = titleOfItem(item);
  const which = inOrder(whichText(item));
  const onDo = (decision: "approve" | "reject") => async (comment: string) => {
    await decide.mutateAsync({ decision, comment });
    notifications.show({
      color: decision === "approve" ? "teal" : "gray",
      message: decidedText(item, decision),
    });
  };
  return (
    <Group gap="xs">
      <DeedButton
        leftSection={<Check size={16} aria-hidden />}
        refusal={refusals.approve}
        aria-label={`Approve ${title}: ${which}`}
        onClick={() =>
          askFirst({
            title: `Approve ${title}?`,
            text: `The run that waits: ${which}. What is approved is what runs: this version with these parameters on these providers.`,
            deed: "Approve it",
            color: "blue",
            asksWhy: true,
            onDo: onDo("approve"),
          })
        }
      >
        Approve
      </DeedButton>
      <DeedButton
        variant="default"
        leftSection={<X size={16} aria-hidden />}
        refusal={refusals.reject}
        aria-label={`Reject ${title}: ${which}`}
        onClick={() =>
          askFirst({
            title: `Reject ${title}?`,
            text: `The run that waits: ${which}. One rejection is enough: the run ends as rejected. Steps that always run still do.`,
            deed: "Reject it",
            asksWhy: true,
            onDo: onDo("reject"),
          })
        }
      >
        Reject
      </DeedButton>
    </Group>
  );
}
