import { Gauge, History, type LucideIcon, Server, Zap } from "lucide-react";

export interface Place {
  label: string;
  to: "/" | "/actions" | "/runs" | "/providers";
  icon: LucideIcon;
}

/** Where the console's pages are reached from: its menu, and Ctrl K. */
export const PLACES: readonly Place[] = [
  { label: "Dashboard", to: "/", icon: Gauge },
  { label: "Actions", to: "/actions", icon: Zap },
  { label: "Execution history", to: "/runs", icon: History },
  { label: "Providers", to: "/providers", icon: Server },
];
