import { History, type LucideIcon } from "lucide-react";

export interface Place {
  label: string;
  to: "/runs";
  icon: LucideIcon;
}

/** Where the console's pages are reached from: its menu, and Ctrl K. */
export const PLACES: readonly Place[] = [{ label: "Execution history", to: "/runs", icon: History }];
