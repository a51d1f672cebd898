import { TextInput } from "@mantine/core";
import { type FieldProps, inputProps } from "./FieldProps";

/** A number as it is typed: nothing is rounded or cut on the way to the server, which says what is wrong with it. */
export function NumberField(props: FieldProps) {
  const { parameter, value, onChange } = props;
  return (
    <TextInput
      {...inputProps(props)}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      inputMode={parameter.type === "integer" && (parameter.minimum ?? -1) >= 0 ? "numeric" : "text"}
      autoComplete="off"
      maw={240}
    />
  );
}
