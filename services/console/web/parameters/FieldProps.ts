import type { Draft, Parameter } from "./drafts";

/** What the field of a parameter is given, whatever its type. */
export interface FieldProps<Value extends Draft = string> {
  parameter: Parameter;
  value: Value;
  onChange: (value: Value) => void;
  label: string;
  description: string | null;
  error: string | null;
  isRequired: boolean;
}

/** Those of them that Mantine's inputs take as they are. */
export function inputProps({
  parameter,
  label,
  description,
  error,
  isRequired,
}: Omit<FieldProps<Draft>, "value" | "onChange">) {
  return {
    label,
    description,
    error,
    withAsterisk: isRequired,
    "aria-required": isRequired,
    name: parameter.name,
    "data-field": parameter.name,
  };
}
