import { Avatar, Menu, UnstyledButton } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { LogOut, User } from "lucide-react";
import { sessionQuery, useSignOut } from "../nouns/session/queries";
import { RelativeTime } from "../ui/RelativeTime";
import classes from "./Shell.module.css";

/** Who is signed in, until when, and the way out. */
export function PersonMenu() {
  const { data: session } = useSuspenseQuery(sessionQuery);
  const signOut = useSignOut();
  const navigate = useNavigate();
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton className={classes.person} aria-label={`Signed in as ${session.name}`}>
          <Avatar color="blue" variant="filled" radius="xl" size={34}>
            <User size={18} aria-hidden />
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          Signed in as <b>{session.name}</b>
          {session.expires_at === null ? null : (
            <>
              , until <RelativeTime at={session.expires_at} />
            </>
          )}
        </Menu.Label>
        <Menu.Item
          leftSection={<LogOut size={15} aria-hidden />}
          onClick={() => signOut.mutate(undefined, { onSettled: () => void navigate({ to: "/sign-in" }) })}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
