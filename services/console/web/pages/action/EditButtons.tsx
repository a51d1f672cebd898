import { CalendarPlus, Copy, Pencil } from "lucide-react";
import { useRefusal } from "../../nouns/session/can";
import { DeedLink } from "../../ui/DeedLink";

/** Lead to the form that changes an action, to the one that makes another like it, and to a schedule for it. */
export function EditButtons({ name }: { name: string }) {
  const refusal = useRefusal("actions.write");
  return (
    <>
      <DeedLink
        to="/actions/$name/edit"
        params={{ name }}
        variant="default"
        leftSection={<Pencil size={15} aria-hidden />}
        refusal={refusal}
      >
        Edit
      </DeedLink>
      <DeedLink
        to="/actions/+new"
        search={{ copy: name }}
        variant="default"
        leftSection={<Copy size={15} aria-hidden />}
        refusal={refusal}
      >
        Duplicate
      </DeedLink>
      <DeedLink
        to="/schedules/+new"
        search={{ action: name }}
        variant="default"
        leftSection={<CalendarPlus size={15} aria-hidden />}
        refusal={useRefusal("schedules.write")}
      >
        Schedule
      </DeedLink>
    </>
  );
}
