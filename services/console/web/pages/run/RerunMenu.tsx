import { Button, Menu, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useNavigate } from "@tanstack/react-router";
import { ChevronDown, RotateCcw } from "lucide-react";
import type { Schemas } from "../../api/client";
import { asProblem, type Problem } from "../../api/problem";
import type { RunRefusals } from "../../nouns/run/can";
import { useRerun } from "../../nouns/run/queries";
import type { Run } from "../../nouns/run/states";
import { MenuLink } from "../../ui/links";

interface RerunMenuProps {
  run: Run;
  refusals: RunRefusals;
}

/** A run again: all of it, with other values or the same, or what did not succeed. */
export function RerunMenu({ run, refusals }: RerunMenuProps) {
  const rerun = useRerun(run.id);
  const navigate = useNavigate();
  const again = (mode: Schemas["RerunBody"]["mode"]) =>
    rerun.mutate(
      { mode, parameters: {}, note: "" },
      {
        onSuccess: (begun) => begun && void navigate({ to: "/runs/$runId", params: { runId: begun.id } }),
        onError: (error) => notifications.show({ color: "red", ...refusalOf(asProblem(error)) }),
      },
    );
  const choices = [
    { mode: "same", label: "The same again", about: "by the newest version of the action", refusal: refusals.rerun },
    {
      mode: "from_failed",
      label: "From the step that failed",
      about: "what succeeded before is kept",
      refusal: refusals.rerunFromFailed,
    },
    {
      mode: "failed_providers",
      label: "On the machines on which it failed",
      about: "each step on those alone",
      refusal: refusals.rerunFailedProviders,
    },
  ] as const;
  return (
    <Menu position="bottom-end" width={290}>
      <Menu.Target>
        <Button
          loading={rerun.isPending}
          leftSection={<RotateCcw size={16} aria-hidden />}
          rightSection={<ChevronDown size={16} aria-hidden />}
        >
          Run again
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(({ mode, label, about, refusal }) => (
          <Menu.Item key={mode} disabled={refusal !== null} onClick={() => again(mode)}>
            {label}
            <Text size="xs" c="dimmed">
              {refusal ?? about}
            </Text>
          </Menu.Item>
        ))}
        <MenuLink
          to="/actions/$name/run"
          params={{ name: run.action.name }}
          search={{ again: run.id }}
          disabled={refusals.rerun !== null}
        >
          With other values
          <Text size="xs" c="dimmed">
            {refusals.rerun ?? "the form, filled in as it was"}
          </Text>
        </MenuLink>
      </Menu.Dropdown>
    </Menu>
  );
}

/** What is said where no run is heard of: what got no answer may have begun all the same. */
function refusalOf({ isPassing, message }: Problem): { title: string; message: string } {
  return isPassing
    ? {
        title: "It is not known whether it runs again",
        message: `${message} Choose the same once more: it begins once.`,
      }
    : { title: "It was not run again", message };
}
