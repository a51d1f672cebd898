import { ActionIcon } from "@mantine/core";
import { Star } from "lucide-react";
import { useMarking } from "./favourites";
import { type Action, titleOf } from "./queries";
import classes from "./StarButton.module.css";

/** Marks an action as one's favourite, or not any more. */
export function StarButton({ action }: { action: Pick<Action, "name" | "title" | "favourite"> }) {
  const marking = useMarking(action.name);
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={32}
      aria-pressed={action.favourite}
      aria-label={`Favourite: ${titleOf(action)}`}
      title={action.favourite ? "Take it out of your favourites" : "Make it one of your favourites"}
      onClick={() => marking.mutate(!action.favourite)}
    >
      <Star size={18} aria-hidden className={action.favourite ? classes.marked : undefined} />
    </ActionIcon>
  );
}
