import { Notifications } from "@mantine/notifications";
import { DialogWindow } from "./DialogWindow";

/** What opens above a page: what is asked first, and what was done. */
export function Windows() {
  return (
    <>
      <Notifications position="bottom-right" />
      <DialogWindow />
    </>
  );
}
