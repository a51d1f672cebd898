import { TextLink } from "../../ui/links";
import classes from "./ActionLink.module.css";
import { type Action, titleOf } from "./queries";

/** An action by what people call it; it leads to its page. */
export function ActionLink({ action }: { action: Pick<Action, "name" | "title"> }) {
  return (
    <TextLink
      to="/actions/$name"
      params={{ name: action.name }}
      inherit
      c="inherit"
      lineClamp={2}
      className={classes.link}
    >
      {titleOf(action)}
    </TextLink>
  );
}
