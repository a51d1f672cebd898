import type { AlertRule } from "./queries";

type Match = Pick<AlertRule, "source" | "match">;

/** For which alerts a rule is, in a line. */
export function matchText({ source, match }: Match): string {
  const { labels, severity, when } = match;
  const parts = [
    ...Object.entries(labels).map(([name, wanted]) => `${name} ${wantedText(wanted)}`),
    ...(severity == null
      ? []
      : [Array.isArray(severity) ? `severity ${severity.join(" or ")}` : `severity at least ${severity.at_least}`]),
    ...(source == null ? [] : [`source ${wantedText(source)}`]),
    ...(when == null ? [] : [when]),
  ];
  return parts.length === 0 ? "every alert" : parts.join(", ");
}

function wantedText(wanted: NonNullable<Match["source"]>): string {
  if (typeof wanted === "string") {
    return wanted === "" ? "is not there" : `= ${wanted}`;
  }
  if (wanted.regex != null) {
    return `~ ${wanted.regex}`;
  }
  return wanted.in == null ? `= ${wanted.equals ?? ""}` : `= ${wanted.in.join(" or ")}`;
}
