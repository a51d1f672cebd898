import { Stack } from "@mantine/core";
import { type Drafts, missingOf, type Parameter } from "./drafts";
import { ParameterField } from "./ParameterField";

interface ParameterFormProps {
  parameters: readonly Parameter[];
  drafts: Drafts;
  onChange: (drafts: Drafts) => void;
  /** What the server says of parameters, by their names. */
  errors: Readonly<Record<string, string>>;
  /** Whether to say at each field that is still needed that it is. */
  showsMissing: boolean;
}

/** The parameters of an action as a form, each by its type. */
export function ParameterForm({ parameters, drafts, onChange, errors, showsMissing }: ParameterFormProps) {
  const missing = new Set(missingOf(parameters, drafts));
  return (
    <Stack gap="md">
      {parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          drafts={drafts}
          onChange={(draft) => onChange({ ...drafts, [parameter.name]: draft })}
          error={showsMissing && missing.has(parameter) ? "A value is needed." : (errors[parameter.name] ?? null)}
        />
      ))}
    </Stack>
  );
}
