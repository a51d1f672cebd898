import { useQueryClient } from "@tanstack/react-query";
import { Star } from "lucide-react";
import { markFavourite } from "./favourites";
import { type Action, titleOf } from "./queries";
import classes from "./StarButton.module.css";

/** Marks an action as one's favourite, or not any more. */
export function StarButton({ action }: { action: Pick<Action, "name" | "title" | "favourite"> }) {
  const queries = useQueryClient();
  return (
    <button
      type="button"
      className={`mantine-focus-auto mantine-active ${classes.star}`}
      aria-pressed={action.favourite}
      aria-label={`Favourite: ${titleOf(action)}`}
      title={action.favourite ? "Take it out of your favourites" : "Make it one of your favourites"}
      onClick={() => markFavourite(queries, action.name, !action.favourite)}
    >
      <Star size={18} aria-hidden />
    </button>
  );
}
