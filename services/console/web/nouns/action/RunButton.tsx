import type { ButtonProps } from "@mantine/core";
import { Play } from "lucide-react";
import { DeedButton } from "../../ui/DeedButton";
import { ButtonLink } from "../../ui/links";
import { useRefusal } from "../session/can";
import { type Action, titleOf } from "./queries";

interface RunButtonProps {
  action: Pick<Action, "name" | "title">;
  size?: ButtonProps["size"];
  variant?: ButtonProps["variant"];
}

/** Leads to the form that runs an action. */
export function RunButton({ action, size = "xs", variant = "light" }: RunButtonProps) {
  const refusal = useRefusal("runs.write");
  const look = { size, variant, leftSection: <Play size={15} aria-hidden />, "aria-label": `Run ${titleOf(action)}` };
  if (refusal !== null) {
    return (
      <DeedButton {...look} refusal={refusal}>
        Run
      </DeedButton>
    );
  }
  return (
    <ButtonLink {...look} to="/actions/$name/run" params={{ name: action.name }}>
      Run
    </ButtonLink>
  );
}
