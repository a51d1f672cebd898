import { BooleanField } from "./BooleanField";
import { ChoiceField } from "./ChoiceField";
import { type Draft, type Drafts, draftOf, type Parameter } from "./drafts";
import type { FieldProps } from "./FieldProps";
import { hintOf } from "./hint";
import { NumberField } from "./NumberField";
import { ProviderField } from "./ProviderField";
import { SecretField } from "./SecretField";
import { TextField } from "./TextField";

const FIELDS = {
  string: TextField,
  integer: NumberField,
  number: NumberField,
  boolean: BooleanField,
  choice: ChoiceField,
  provider: ProviderField,
} satisfies Record<Exclude<Parameter["type"], "secret">, (props: FieldProps) => React.ReactNode>;

interface ParameterFieldProps {
  parameter: Parameter;
  drafts: Drafts;
  onChange: (draft: Draft) => void;
  isRequired: boolean;
  namesSecretsOnly: boolean;
  error: string | null;
}

/** The field of a parameter, by its type. */
export function ParameterField(props: ParameterFieldProps) {
  const { parameter, drafts, onChange, isRequired, namesSecretsOnly, error } = props;
  const shared = {
    parameter,
    label: parameter.title || parameter.name,
    description: hintOf(parameter) || null,
    error,
    isRequired,
  };
  const draft = draftOf(parameter, drafts);
  if (parameter.type === "secret" || typeof draft !== "string") {
    return (
      <SecretField
        {...shared}
        value={typeof draft === "string" ? { by: "name", text: draft } : draft}
        onChange={onChange}
        namesOnly={namesSecretsOnly}
      />
    );
  }
  const Field = FIELDS[parameter.type];
  return <Field {...shared} value={draft} onChange={onChange} />;
}
