import { Play } from "lucide-react";
import { RowLink } from "../../ui/RowLink";
import { useHint } from "../../ui/useHint";
import { type Action, titleOf } from "./queries";
import classes from "./RunButton.module.css";

interface RunButtonProps {
  action: Pick<Action, "name" | "title">;
  /** Why who is signed in may not run it; null where they may. */
  refusal: string | null;
  /** It is what its page is for. */
  isMain?: boolean;
}

/** Leads to the form that runs an action. */
export function RunButton({ action, refusal, isMain = false }: RunButtonProps) {
  const look = {
    className: `mantine-focus-auto mantine-active ${isMain ? classes.main : classes.run}`,
    "aria-label": `Run ${titleOf(action)}`,
  };
  if (refusal !== null) {
    return <RefusedButton {...look} refusal={refusal} />;
  }
  return (
    <RowLink {...look} to="/actions/$name/run" params={{ name: action.name }}>
      <Play size={15} aria-hidden />
      Run
    </RowLink>
  );
}

function RefusedButton({ refusal, ...look }: { className: string; "aria-label": string; refusal: string }) {
  const { of, hint } = useHint<HTMLButtonElement>(() => refusal);
  return (
    <>
      <button {...look} {...of} type="button" aria-disabled>
        <Play size={15} aria-hidden />
        Run
      </button>
      {hint}
    </>
  );
}
