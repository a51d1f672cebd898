import { Stack } from "@mantine/core";
import { type Drafts, isNeeded, missingOf, type Parameter } from "./drafts";
import { ParameterField } from "./ParameterField";

interface ParameterFormProps {
  parameters: readonly Parameter[];
  drafts: Drafts;
  onChange: (drafts: Drafts) => void;
  /** What the server says of parameters, by their names. */
  errors: Readonly<Record<string, string>>;
  /** Whether to say at each field that is still needed that it is. */
  showsMissing?: boolean;
  /** Nothing has to be given, whatever a run needs later. */
  needsNothing?: boolean;
  /** A secret is given by the name of a stored one alone. */
  namesSecretsOnly?: boolean;
}

/** The parameters of an action as a form, each by its type. */
export function ParameterForm(props: ParameterFormProps) {
  const {
    parameters,
    drafts,
    onChange,
    errors,
    showsMissing = false,
    needsNothing = false,
    namesSecretsOnly = false,
  } = props;
  const missing = new Set(missingOf(parameters, drafts));
  return (
    <Stack gap="md">
      {parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          drafts={drafts}
          namesSecretsOnly={namesSecretsOnly}
          isRequired={!needsNothing && isNeeded(parameter)}
          onChange={(draft) => onChange({ ...drafts, [parameter.name]: draft })}
          error={showsMissing && missing.has(parameter) ? "A value is needed." : (errors[parameter.name] ?? null)}
        />
      ))}
    </Stack>
  );
}
