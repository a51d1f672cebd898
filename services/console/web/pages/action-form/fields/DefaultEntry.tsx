import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "../../../api/client";
import { NameEntry } from "../../../definition-form/fields/NameEntry";
import { NumberEntry } from "../../../definition-form/fields/NumberEntry";
import { inputProps, type Part, setField } from "../../../definition-form/fields/Part";
import { TextEntry } from "../../../definition-form/fields/TextEntry";
import { textAt, textsAt } from "../../../definition-form/json";
import { suggestedProvidersQuery } from "../../../nouns/provider/suggestions";

/** What holds where a run does not say it, in the form of the parameter's type. */
export function DefaultEntry({ part, type }: { part: Part; type: Schemas["Parameter"]["type"] }) {
  const { data: providers = [] } = useQuery({ ...suggestedProvidersQuery, enabled: type === "provider" });
  const entry = { part, name: "default", label: "Default", description: "Where a run does not say it" };
  const value = textAt(part.value, "default");
  switch (type) {
    case "boolean":
      return (
        <Select
          {...inputProps(entry)}
          data={[
            { value: "true", label: "Yes" },
            { value: "false", label: "No" },
          ]}
          value={value || null}
          placeholder="None"
          clearable
          onChange={(chosen) => setField(part, "default", chosen === null ? undefined : chosen === "true")}
        />
      );
    case "choice": {
      const options = textsAt(part.value, "options");
      return (
        <Select
          {...inputProps(entry)}
          data={[...new Set(value === "" ? options : [...options, value])]}
          value={value || null}
          placeholder="None"
          clearable
          onChange={(chosen) => setField(part, "default", chosen ?? undefined)}
        />
      );
    }
    case "provider":
      return <NameEntry {...entry} suggestions={providers.map(({ name }) => name)} />;
    case "integer":
    case "number":
      return <NumberEntry {...entry} />;
    default:
      return <TextEntry {...entry} />;
  }
}
