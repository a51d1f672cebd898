import type { Alert } from "../../nouns/alert/queries";
import { isObject, type Json, valueAt } from "../json";

/** What every alert has that a text may name between double braces, and what it is of one. */
const FIELDS: Readonly<Record<string, (alert: Alert) => string>> = {
  "alert.host": ({ labels }) => hostOf(labels.instance ?? ""),
  "alert.title": ({ title }) => title,
  "alert.description": ({ description }) => description,
  "alert.severity": ({ severity }) => severity,
  "alert.status": ({ status }) => status,
  "alert.fingerprint": ({ fingerprint }) => fingerprint,
  "alert.source": ({ source }) => source,
  "alert.starts_at": ({ starts_at }) => starts_at,
  "alert.url": ({ url }) => url,
};

/** A name that a placeholder can have: no part of it begins with a digit or a hyphen. */
const NAMEABLE = /^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*$/;
const PLACEHOLDER = /(?<!\\)((?:\\\\)*)\{\{[ \t]*(alert\.[\w.-]+)[ \t]*\}\}/g;
const BEGUN = /\{\{[ \t]*([\w.-]*)$/;

/** What may be named of alerts such as these: of the labels and annotations, those that any of them has. */
export function placeholderNames(alerts: readonly Alert[]): string[] {
  const of = (map: "labels" | "annotations") =>
    [...new Set(alerts.flatMap((alert) => Object.keys(alert[map])))]
      .filter((name) => NAMEABLE.test(name))
      .sort()
      .map((name) => `alert.${map}.${name}`);
  return ["alert.host", ...of("labels"), ...of("annotations"), ...Object.keys(FIELDS).slice(1)];
}

/** The host that a label `instance` names: without a port, and of an address nothing else. */
function hostOf(instance: string): string {
  const place = instance.includes("://") ? (/^[^:]*:\/\/(?:[^/?#]*@)?([^/?#]*)/.exec(instance)?.[1] ?? "") : instance;
  return place.startsWith("[") ? (/^\[([^\]]*)/.exec(place)?.[1] ?? "") : place.replace(/^([^:]*):\d+$/, "$1");
}

/** The texts that what is typed may become: with a placeholder that is begun at its end completed, or the first one. */
export function completed(text: string, names: readonly string[]): string[] {
  const begun = BEGUN.exec(text);
  if (begun === null) {
    return text === "" ? names.map((name) => `{{ ${name} }}`) : [];
  }
  const [whole, typed = ""] = begun;
  const before = text.slice(0, text.length - whole.length);
  const found = names.filter((name) => name.includes(typed.toLowerCase()) || name.includes(typed));
  return found.map((name) => `${before}{{ ${name} }}`);
}

export interface FilledIn {
  text: string;
  /** What the alert has not, or has as an empty text. */
  missing: string[];
}

/** A text with what an alert says at its placeholders. */
export function filledIn(text: string, alert: Alert): FilledIn {
  const missing: string[] = [];
  const filled = text.replaceAll(PLACEHOLDER, (whole, backslashes: string, name: string) => {
    const value = valueNamed(name, alert);
    if (value === undefined) {
      return whole;
    }
    if (value === "") {
      missing.push(name);
    }
    return backslashes + value;
  });
  return { text: filled, missing };
}

/** Nothing where an alert has no such thing at all. */
function valueNamed(name: string, alert: Alert): string | undefined {
  const [, map, key] = /^alert\.(labels|annotations)\.(.+)$/.exec(name) ?? [];
  if (map !== undefined && key !== undefined) {
    const texts = map === "labels" ? alert.labels : alert.annotations;
    return Object.hasOwn(texts, key) ? texts[key] : "";
  }
  return Object.hasOwn(FIELDS, name) ? FIELDS[name]?.(alert) : undefined;
}

/** The texts of a value that are filled in: itself, or those by which a provider is chosen. */
export function textsIn(value: Json | undefined): string[] {
  if (typeof value === "string") {
    return [value];
  }
  const choice = valueAt(value, "provider");
  const labels = valueAt(choice, "labels");
  return [valueAt(choice, "host"), ...Object.values(isObject(labels) ? labels : {})].filter(
    (text) => typeof text === "string",
  );
}
