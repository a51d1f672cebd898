import { MultiSelect } from "@mantine/core";
import { ALERT_SOURCES, type AlertSource, sourceText } from "../../nouns/alert/sources";
import { inputProps, type Part, setField } from "../fields/Part";
import { TextEntry } from "../fields/TextEntry";
import { isObject, textsAt, valueAt } from "../json";

const FIELD = "source";
const KNOWN: ReadonlySet<string> = new Set(ALERT_SOURCES);

/** From which kinds of senders its alerts come: any, some, or those that a pattern fits where the YAML has one. */
export function SourceEntry({ part }: { part: Part }) {
  const value = valueAt(part.value, FIELD);
  if (isObject(value) && value.regex !== undefined) {
    return <TextEntry part={part} name={`${FIELD}.regex`} label="Source fits the pattern" isKeptEmpty isCode />;
  }
  const said = isObject(value) ? (value.in === undefined ? [value.equals] : textsAt(value, "in")) : [value];
  const chosen = said.filter((one) => typeof one === "string");
  const options = [...new Set([...ALERT_SOURCES, ...chosen])].map((source) => ({
    value: source,
    label: KNOWN.has(source) ? sourceText(source as AlertSource) : source,
  }));
  return (
    <MultiSelect
      {...inputProps({ part, name: FIELD, label: "Source", description: "One of these" })}
      data={options}
      value={chosen}
      placeholder={chosen.length === 0 ? "any" : undefined}
      searchable
      clearable
      onChange={([first, ...more]) =>
        setField(part, FIELD, more.length === 0 ? first : { in: [...(first === undefined ? [] : [first]), ...more] })
      }
    />
  );
}
