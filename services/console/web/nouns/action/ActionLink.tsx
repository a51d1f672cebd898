import { RowLink } from "../../ui/RowLink";
import classes from "./ActionLink.module.css";
import { type Action, titleOf } from "./queries";

/** An action by what people call it; it leads to its page. */
export function ActionLink({ action }: { action: Pick<Action, "name" | "title"> }) {
  return (
    <RowLink to="/actions/$name" params={{ name: action.name }} className={`mantine-focus-auto ${classes.link}`}>
      {titleOf(action)}
    </RowLink>
  );
}
