import { notifications } from "@mantine/notifications";
import { Trash2 } from "lucide-react";
import { askFirst } from "../../ui/askFirst";
import { DeedButton } from "../../ui/DeedButton";
import { useDeleteDefinition } from "./texts";
import type { VersionedKind } from "./versions";

interface DeleteButtonProps {
  kind: VersionedKind;
  /** As people call one. */
  noun: string;
  of: { name: string; version: number };
  /** Why it may not be deleted; null where it may. */
  refusal: string | null;
  /** What follows. */
  text: string;
  onDeleted: () => void;
}

/** Deletes a definition, once somebody has said so twice; its versions stay. */
export function DeleteButton({ kind, noun, of, refusal, text, onDeleted }: DeleteButtonProps) {
  const remove = useDeleteDefinition(kind);
  return (
    <DeedButton
      variant="default"
      leftSection={<Trash2 size={15} aria-hidden />}
      refusal={refusal}
      onClick={() =>
        askFirst({
          title: `Delete the ${noun} ${of.name}?`,
          text: `${text} Its versions stay, and can be restored.`,
          deed: "Delete it",
          onDo: async () => {
            await remove.mutateAsync(of);
            notifications.show({ color: "teal", message: `The ${noun} ${of.name} is deleted.` });
            onDeleted();
          },
        })
      }
    >
      Delete
    </DeedButton>
  );
}
