import { Select } from "@mantine/core";
import { type FieldProps, inputProps } from "./FieldProps";

const MANY = 8;

/** One of an action's own options, to be searched where there are many. */
export function ChoiceField(props: FieldProps) {
  const { parameter, value, onChange } = props;
  const options = [...new Set(parameter.options ?? [])];
  return (
    <Select
      {...inputProps(props)}
      data={options}
      value={value === "" ? null : value}
      onChange={(option) => onChange(option ?? "")}
      placeholder="Choose one"
      searchable={options.length > MANY}
      allowDeselect={false}
      limit={200}
      maw={360}
    />
  );
}
