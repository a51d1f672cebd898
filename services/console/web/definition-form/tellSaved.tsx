import { notifications } from "@mantine/notifications";
import type { Schemas } from "../api/client";

/** What has become of a form, with what the server warns of. */
export function tellSaved(title: string, warnings: readonly Schemas["FieldWarning"][]): void {
  notifications.show({
    color: warnings.length === 0 ? "teal" : "yellow",
    title: `${title} is saved`,
    message: warnings.map(({ field, message }) => `${field}: ${message}`).join(" · "),
    autoClose: warnings.length === 0 ? 4_000 : 15_000,
  });
}
