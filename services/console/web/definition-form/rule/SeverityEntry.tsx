import { MultiSelect, Select, Stack } from "@mantine/core";
import { inputProps, type Part, setField } from "../fields/Part";
import { isObject, type Json, textAt, textsAt, valueAt } from "../json";

const FIELD = "match.severity";
const SEVERITIES = ["critical", "high", "warning", "info", "unknown"];
const ANY = "any";
const SOME = "some";
const AT_LEAST = "at least ";
const OPTIONS = [
  { value: ANY, label: "any" },
  ...["critical", "high", "warning", "info"].map((severity) => ({
    value: AT_LEAST + severity,
    label: severity === "critical" ? "critical" : `${severity} or graver`,
  })),
  { value: SOME, label: "one of these …" },
];

/** How grave an alert has to be: at least so grave, or one of some severities. */
export function SeverityEntry({ part }: { part: Part }) {
  const value = valueAt(part.value, FIELD);
  const way =
    value === undefined || value === null ? ANY : isObject(value) ? AT_LEAST + textAt(value, "at_least") : SOME;
  const choose = (chosen: string | null) => setField(part, FIELD, writtenOf(chosen ?? ANY));
  return (
    <Stack gap={6}>
      <Select
        {...inputProps({ part, name: FIELD, label: "Severity", description: "The gravest is critical" })}
        data={OPTIONS.some((one) => one.value === way) ? OPTIONS : [{ value: way, label: way }, ...OPTIONS]}
        value={way}
        allowDeselect={false}
        onChange={choose}
      />
      {way === SOME ? (
        <MultiSelect
          aria-label="Severities"
          data={SEVERITIES}
          value={textsAt(part.value, FIELD)}
          onChange={(severities) => setField(part, FIELD, severities)}
        />
      ) : null}
    </Stack>
  );
}

function writtenOf(chosen: string): Json | undefined {
  if (chosen === ANY) {
    return undefined;
  }
  return chosen === SOME ? ["critical", "high"] : { at_least: chosen.slice(AT_LEAST.length) };
}
