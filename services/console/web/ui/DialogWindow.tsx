import { Modal } from "@mantine/core";
import { useEffect, useState } from "react";
import { closeDialog, useDialog } from "./dialog";

/** Where what is asked first is asked. */
export function DialogWindow() {
  const { isOpen, title, content } = useDialog();
  // It gives the focus back where it opens while it stands already, not where it comes as an open one.
  const [stands, setStands] = useState(false);
  useEffect(() => setStands(true), []);
  return (
    <Modal opened={isOpen && stands} onClose={closeDialog} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      {content}
    </Modal>
  );
}
