import { Modal } from "@mantine/core";
import { closeDialog, useDialog } from "./dialog";

/** Where what is asked first is asked. */
export function DialogWindow() {
  const { isOpen, title, content } = useDialog();
  return (
    <Modal opened={isOpen} onClose={closeDialog} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      {content}
    </Modal>
  );
}
