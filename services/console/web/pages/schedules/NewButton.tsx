import { CalendarPlus } from "lucide-react";
import { useRefusal } from "../../nouns/session/can";
import { DeedLink } from "../../ui/DeedLink";

const KINDS = {
  schedule: { to: "/schedules/+new", label: "New schedule", permission: "schedules.write" },
  window: { to: "/maintenance-windows/+new", label: "New maintenance window", permission: "maintenance_windows.write" },
} as const;

/** Leads to the form that makes one. */
export function NewButton({ kind }: { kind: keyof typeof KINDS }) {
  const { to, label, permission } = KINDS[kind];
  return (
    <DeedLink to={to} refusal={useRefusal(permission)} leftSection={<CalendarPlus size={16} aria-hidden />}>
      {label}
    </DeedLink>
  );
}
