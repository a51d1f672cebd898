import { expect, test } from "vitest";
import { closeDialog, currentDialog, openDialog } from "./dialog";

test("what a dialog said stays while it fades", () => {
  openDialog("Cancel this run?", "It is ended on its machine.");
  expect(currentDialog().isOpen).toBe(true);
  closeDialog();
  expect(currentDialog()).toEqual({
    isOpen: false,
    title: "Cancel this run?",
    content: "It is ended on its machine.",
  });
});

test("another question stands in the place of the one before", () => {
  openDialog("Cancel this run?", "first");
  openDialog("Pause this run?", "second");
  expect(currentDialog()).toEqual({ isOpen: true, title: "Pause this run?", content: "second" });
});
