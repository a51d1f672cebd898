import {
  Bell,
  CalendarClock,
  FileUp,
  Gauge,
  History,
  Inbox,
  LayoutTemplate,
  Lock,
  type LucideIcon,
  Plus,
  ScrollText,
  Server,
  Settings,
  Star,
  UserCheck,
  Workflow,
  Zap,
} from "lucide-react";
import type { ActionFilters } from "../nouns/action/filters";

export interface Place {
  label: string;
  to:
    | "/"
    | "/actions"
    | "/runs"
    | "/approvals"
    | "/providers"
    | "/templates"
    | "/alerts"
    | "/schedules"
    | "/settings"
    | "/actions/+new"
    | "/alert-rules/+new"
    | "/schedules/+new"
    | "/providers/+import";
  icon: LucideIcon;
  /** What addresses begin with of pages that are reached from there, besides its own. */
  leadsTo?: readonly string[];
}

/** Where the console's pages are reached from: its menu, and Ctrl K. */
export const PLACES: readonly Place[] = [
  { label: "Dashboard", to: "/", icon: Gauge },
  { label: "Actions", to: "/actions", icon: Zap, leadsTo: ["/templates"] },
  { label: "Execution history", to: "/runs", icon: History },
  { label: "Approvals", to: "/approvals", icon: UserCheck },
  { label: "Schedules", to: "/schedules", icon: CalendarClock, leadsTo: ["/maintenance-windows"] },
  { label: "Alerts", to: "/alerts", icon: Bell, leadsTo: ["/alert-rules"] },
  { label: "Providers", to: "/providers", icon: Server },
  { label: "Settings", to: "/settings", icon: Settings, leadsTo: ["/channels", "/integrations"] },
];

export interface Jump extends Place {
  search?: ActionFilters | { show: "secrets" | "posts" | "audit" | "rules" };
}

/** What else Ctrl K leads to; the menu has it below another place. */
export const JUMPS: readonly Jump[] = [
  ...PLACES,
  { label: "New action", to: "/actions/+new", icon: Plus },
  { label: "New schedule", to: "/schedules/+new", icon: Plus },
  { label: "New alert rule", to: "/alert-rules/+new", icon: Plus },
  { label: "Templates", to: "/templates", icon: LayoutTemplate },
  { label: "Favourites", to: "/actions", search: { favourite: true }, icon: Star },
  { label: "Import providers", to: "/providers/+import", icon: FileUp },
  { label: "Secrets", to: "/settings", search: { show: "secrets" }, icon: Lock },
  { label: "Audit", to: "/settings", search: { show: "audit" }, icon: ScrollText },
  { label: "Alert rules", to: "/alerts", search: { show: "rules" }, icon: Workflow },
  { label: "Posts of alerts", to: "/alerts", search: { show: "posts" }, icon: Inbox },
];
