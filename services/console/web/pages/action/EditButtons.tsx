import { Copy, Pencil } from "lucide-react";
import { useRefusal } from "../../nouns/session/can";
import { DeedButton } from "../../ui/DeedButton";
import { ButtonLink } from "../../ui/links";

/** Lead to the form that changes an action, and to the one that makes another like it. */
export function EditButtons({ name }: { name: string }) {
  const refusal = useRefusal("actions.write");
  const edit = { variant: "default", leftSection: <Pencil size={15} aria-hidden /> } as const;
  const duplicate = { variant: "default", leftSection: <Copy size={15} aria-hidden /> } as const;
  if (refusal !== null) {
    return (
      <>
        <DeedButton {...edit} refusal={refusal}>
          Edit
        </DeedButton>
        <DeedButton {...duplicate} refusal={refusal}>
          Duplicate
        </DeedButton>
      </>
    );
  }
  return (
    <>
      <ButtonLink {...edit} to="/actions/$name/edit" params={{ name }}>
        Edit
      </ButtonLink>
      <ButtonLink {...duplicate} to="/actions/+new" search={{ copy: name }}>
        Duplicate
      </ButtonLink>
    </>
  );
}
