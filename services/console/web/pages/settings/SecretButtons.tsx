import { Group } from "@mantine/core";
import { Pencil, Trash2 } from "lucide-react";
import { type Secret, useDeleteSecret } from "../../nouns/secret/queries";
import { useRefusal } from "../../nouns/session/can";
import { askFirst } from "../../ui/askFirst";
import { DeedButton } from "../../ui/DeedButton";

/** What may be done with a secret whose value nobody is shown: replace it, or delete it where nothing uses it. */
export function SecretButtons({ secret, onReplace }: { secret: Secret; onReplace: () => void }) {
  const remove = useDeleteSecret();
  const refusal = useRefusal("secrets.write");
  const { name } = secret;
  return (
    <Group gap="xs">
      <DeedButton
        size="xs"
        variant="default"
        refusal={refusal}
        leftSection={<Pencil size={14} aria-hidden />}
        aria-label={`Replace ${name}`}
        onClick={onReplace}
      >
        Replace
      </DeedButton>
      <DeedButton
        size="xs"
        variant="default"
        refusal={refusal}
        leftSection={<Trash2 size={14} aria-hidden />}
        aria-label={`Delete ${name}`}
        onClick={() =>
          askFirst({
            title: `Delete the secret ${name}?`,
            text: "Its value is gone for good: no version of it is kept.",
            deed: "Delete it",
            onDo: () => remove.mutateAsync(secret),
          })
        }
      >
        Delete
      </DeedButton>
    </Group>
  );
}
