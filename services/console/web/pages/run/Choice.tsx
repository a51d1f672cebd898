import { createLink, getRouteApi } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, ReactNode, Ref } from "react";
import type { Selection } from "../../output/shown";
import { bringOutput } from "./bringOutput";
import classes from "./Choice.module.css";

const route = getRouteApi("/signed-in/runs/$runId");
const Plain = createLink((props: AnchorHTMLAttributes<HTMLAnchorElement> & { ref?: Ref<HTMLAnchorElement> }) => (
  <a {...props} />
));

interface ChoiceProps {
  selection: Selection;
  isChosen: boolean;
  isCurrent?: boolean;
  children: ReactNode;
}

/** Something whose output may be shown alone; it stands in the address. */
export function Choice({ selection, isChosen, isCurrent = false, children }: ChoiceProps) {
  const { runId } = route.useParams();
  return (
    <Plain
      to="/runs/$runId"
      params={{ runId }}
      search={({ find }: { find?: string | undefined }) => ({ find, ...selection })}
      hash=""
      resetScroll={false}
      onClick={bringOutput}
      className={classes.choice}
      data-chosen={isChosen || undefined}
      data-current={isCurrent || undefined}
      aria-current={isChosen ? "true" : undefined}
    >
      {children}
    </Plain>
  );
}
