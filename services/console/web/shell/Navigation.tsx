import { Stack } from "@mantine/core";
import { useLocation } from "@tanstack/react-router";
import { PendingCount } from "../nouns/approval/PendingCount";
import { NavigationLink } from "../ui/links";
import { PLACES } from "./places";

export function Navigation() {
  const path = useLocation({ select: ({ pathname }) => pathname });
  return (
    <Stack component="nav" aria-label="Pages" gap={2}>
      {PLACES.map(({ label, to, icon: Icon, leadsTo }) => (
        <NavigationLink
          key={to}
          to={to}
          activeOptions={{ exact: to === "/" }}
          label={label}
          leftSection={<Icon size={17} aria-hidden />}
          rightSection={to === "/approvals" ? <PendingCount /> : null}
          variant="light"
          style={{ borderRadius: "var(--mantine-radius-md)" }}
          active={leadsTo?.some((beginning) => path.startsWith(beginning)) === true}
          activeProps={{ active: true, "aria-current": "page" }}
        />
      ))}
    </Stack>
  );
}
