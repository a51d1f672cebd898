import { PasswordInput, SegmentedControl, Select, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { secretNamesQuery } from "../nouns/secret/suggestions";
import type { SecretDraft } from "./drafts";
import { type FieldProps, inputProps } from "./FieldProps";

interface SecretFieldProps extends FieldProps<SecretDraft> {
  /** Not by its value. */
  namesOnly: boolean;
}

/** A secret by the name of a stored one, or by its value, which is encrypted as it arrives and shown by nothing. */
export function SecretField({ namesOnly, ...props }: SecretFieldProps) {
  const { value, onChange, label } = props;
  const { data = [] } = useQuery(secretNamesQuery);
  const names = value.by === "name" && value.text !== "" && !data.includes(value.text) ? [value.text, ...data] : data;
  return (
    <Stack gap={6} align="flex-start">
      {value.by === "name" ? (
        <Select
          {...inputProps(props)}
          data={names}
          value={value.text === "" ? null : value.text}
          onChange={(name) => onChange({ by: "name", text: name ?? "" })}
          placeholder={data.length === 0 ? "There are no stored secrets" : "A stored secret"}
          searchable
          clearable
          limit={100}
          w="100%"
          maw={360}
        />
      ) : (
        <PasswordInput
          {...inputProps(props)}
          value={value.text}
          onChange={(event) => onChange({ by: "value", text: event.currentTarget.value })}
          autoComplete="new-password"
          w="100%"
          maw={360}
        />
      )}
      {namesOnly ? null : (
        <SegmentedControl
          size="xs"
          aria-label={`How ${label} is given`}
          value={value.by}
          onChange={(by) => onChange({ by: by === "value" ? "value" : "name", text: "" })}
          data={[
            { value: "name", label: "A stored secret" },
            { value: "value", label: "Its value" },
          ]}
        />
      )}
    </Stack>
  );
}
