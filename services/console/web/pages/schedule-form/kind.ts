import type { FormKind } from "../../definition-form/FormKind";
import { type JsonObject, textAt } from "../../definition-form/json";
import type { Beginning } from "../../definition-form/useDefinitionForm";
import { scheduleQuery, windowQuery } from "../../nouns/schedule/queries";

export const SCHEDULE_FORM: FormKind = {
  word: "schedule",
  path: "schedules",
  noun: "schedule",
  permission: "schedules.write",
  lists: [],
  triedOf: (definition) => named(definition, "new-schedule"),
  keyOf: (name) => scheduleQuery(name).queryKey,
  drafts: "schedule ",
};

export const WINDOW_FORM: FormKind = {
  word: "maintenance_window",
  path: "maintenance-windows",
  noun: "maintenance window",
  permission: "maintenance_windows.write",
  lists: [],
  triedOf: (definition) => named(definition, "new-window"),
  keyOf: (name) => windowQuery(name).queryKey,
  drafts: "maintenance_window ",
};

/** Every night, in the zone of the browser. */
export function newSchedule(action: string | undefined, timeZone: string): Beginning {
  return {
    definition: {
      kind: "schedule",
      ...(action === undefined ? {} : { name: action, action }),
      at: { daily: "02:30" },
      time_zone: timeZone,
    },
    version: null,
  };
}

/** Every night, in the zone of the browser. */
export function newWindow(timeZone: string): Beginning {
  return {
    definition: { kind: "maintenance_window", at: { daily: "22:00" }, duration: "2h", time_zone: timeZone },
    version: null,
  };
}

/** Until it has a name the server says nothing of the rest. */
function named(definition: JsonObject, name: string): JsonObject[] {
  return textAt(definition, "name") === "" ? [definition, { ...definition, name }] : [definition];
}
