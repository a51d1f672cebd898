import { SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Alert } from "../../nouns/alert/queries";
import { secretNamesQuery } from "../../nouns/secret/suggestions";
import type { Parameter } from "../../parameters/drafts";
import { NameEntry } from "../fields/NameEntry";
import type { Part } from "../fields/Part";
import { TextEntry } from "../fields/TextEntry";
import { type Json, numberOf, valueAt } from "../json";
import { ComesTo } from "./ComesTo";
import { PlaceholderEntry } from "./PlaceholderEntry";
import { ProviderWayEntry } from "./ProviderWayEntry";
import { textsIn } from "./placeholders";

interface MappedFieldProps {
  part: Part;
  parameter: Parameter;
  /** What may stand between double braces. */
  names: readonly string[];
  sample: Alert | null;
}

/** One parameter: its value, or what of the alert it is, and what is taken where the alert has none. */
export function MappedField({ part, parameter, names, sample }: MappedFieldProps) {
  const { name, title, type } = parameter;
  const label = title || name;
  const field = `parameters.${name}`;
  if (type === "secret") {
    return <SecretNameEntry part={part} name={`${field}.secret`} label={`${label}, a stored secret`} />;
  }
  const write = (text: string) => valueWrittenAs(type, text);
  const value = valueAt(part.value, field);
  return (
    <Stack gap={4}>
      {type === "provider" ? <ProviderWayEntry part={part} name={name} label={label} names={names} /> : null}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {type === "provider" && isChosen(value) ? null : (
          <PlaceholderEntry
            part={part}
            name={field}
            label={label}
            description="A value, or of the alert, as {{ alert.labels.instance }}"
            names={names}
            write={write}
            placeholder={placeholderOf(parameter)}
          />
        )}
        {namesAlert(value) || valueAt(part.value, `defaults.${name}`) !== undefined ? (
          <DefaultEntry part={part} name={`defaults.${name}`} label={`${label}, where the alert has none`} />
        ) : null}
      </SimpleGrid>
      <ComesTo value={value} fallback={valueAt(part.value, `defaults.${name}`)} sample={sample} label={label} />
    </Stack>
  );
}

function DefaultEntry({ part, name, label }: { part: Part; name: string; label: string }) {
  return <TextEntry part={part} name={name} label={label} description="Left empty, nothing runs then" isCode />;
}

function SecretNameEntry({ part, name, label }: { part: Part; name: string; label: string }) {
  const { data: secrets = [] } = useQuery(secretNamesQuery);
  return (
    <NameEntry part={part} name={name} label={label} description="No alert can choose one" suggestions={secrets} />
  );
}

function isChosen(value: Json | undefined): boolean {
  return valueAt(value, "provider") !== undefined;
}

function namesAlert(value: Json | undefined): boolean {
  return textsIn(value).some((text) => text.includes("{{"));
}

/** As the parameter's type has it, where what was typed reads so. */
function valueWrittenAs(type: Parameter["type"], text: string): Json | undefined {
  if (type === "integer" || type === "number") {
    return numberOf(text);
  }
  return type === "boolean" && (text === "true" || text === "false") ? text === "true" : text;
}

function placeholderOf({ default: given, required }: Parameter): string | undefined {
  return given === undefined || given === null ? (required ? "needed" : undefined) : String(given);
}
