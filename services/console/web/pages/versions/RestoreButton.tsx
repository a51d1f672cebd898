import { notifications } from "@mantine/notifications";
import { useNavigate } from "@tanstack/react-router";
import { History } from "lucide-react";
import { useRestore, type Version, type VersionedKind } from "../../nouns/definition/versions";
import { useRefusal } from "../../nouns/session/can";
import type { Permission } from "../../nouns/session/queries";
import { askFirst } from "../../ui/askFirst";
import { DeedButton } from "../../ui/DeedButton";

const WRITES = {
  actions: "actions.write",
  providers: "providers.write",
  schedules: "schedules.write",
  "maintenance-windows": "maintenance_windows.write",
  channels: "channels.write",
  "alert-rules": "alert_rules.write",
  integrations: "integrations.write",
} satisfies Record<VersionedKind, Permission>;

interface RestoreButtonProps {
  kind: VersionedKind;
  name: string;
  version: Version;
  newest: Version;
}

/** Makes what a version says hold again, as a new version, once somebody has said why. */
export function RestoreButton({ kind, name, version: { version, change }, newest }: RestoreButtonProps) {
  const restore = useRestore(kind, name);
  const navigate = useNavigate();
  const mayWrite = useRefusal(WRITES[kind]);
  const refusal =
    change === "deleted"
      ? "It is a deletion: there is nothing to restore. Take one before it."
      : version === newest.version
        ? "It is the one that holds."
        : mayWrite;
  const ask = () =>
    askFirst({
      title: `Restore version ${version} of ${name}?`,
      text: "What it says is stored as a new version. The others stay, so that this can be undone in the same way.",
      deed: `Restore version ${version}`,
      color: "blue",
      asksWhy: true,
      onDo: async (note) => {
        const over = newest.change === "deleted" ? null : newest.version;
        const { data } = await restore.mutateAsync({ number: version, note, over });
        await navigate({ to: `/${kind}/$name`, params: { name } });
        notifications.show({
          color: "teal",
          message: `${name} is as in version ${version} again. That is version ${data?.version}.`,
        });
      },
    });
  return (
    <DeedButton variant="default" leftSection={<History size={16} aria-hidden />} refusal={refusal} onClick={ask}>
      Restore version {version}
    </DeedButton>
  );
}
