import { CircleCheck, CircleSlash, CircleX, Merge } from "lucide-react";
import type { Look } from "../../ui/LookBadge";
import type { Fire } from "./queries";

const LOOKS = {
  run_requested: { label: "run requested", color: "teal", icon: CircleCheck },
  joined: { label: "joined", color: "grape", icon: Merge },
  refused: { label: "refused", color: "red", icon: CircleX },
  missed: { label: "missed", color: "yellow", icon: CircleSlash },
} satisfies Record<Fire["decision"], Look>;

export function decisionLook(decision: Fire["decision"]): Look {
  return LOOKS[decision];
}
