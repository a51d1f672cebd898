import { useSuspenseQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useRefusal } from "../../nouns/session/can";
import { sessionQuery } from "../../nouns/session/queries";
import { useDeleteToken } from "../../nouns/token/queries";
import { askFirst } from "../../ui/askFirst";
import { DeedButton } from "../../ui/DeedButton";

/** Takes a token away from whoever has it, once somebody has agreed. */
export function DeleteTokenButton({ name }: { name: string }) {
  const remove = useDeleteToken();
  const refusal = useRefusal("tokens.write");
  const { data: session } = useSuspenseQuery(sessionQuery);
  const own = session.name === name ? " You are signed in with it: you will be signed out." : "";
  return (
    <DeedButton
      size="xs"
      variant="default"
      refusal={refusal}
      leftSection={<Trash2 size={14} aria-hidden />}
      aria-label={`Delete the token ${name}`}
      onClick={() =>
        askFirst({
          title: `Delete the token ${name}?`,
          text: `Whoever calls with it is refused within seconds, and whoever signed in with it is signed out.${own}`,
          deed: "Delete it",
          onDo: () => remove.mutateAsync(name),
        })
      }
    >
      Delete
    </DeedButton>
  );
}
