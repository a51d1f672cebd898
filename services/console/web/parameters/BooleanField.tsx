import { Group, Radio, Switch } from "@mantine/core";
import { hasDefault } from "./drafts";
import type { FieldProps } from "./FieldProps";

/** A switch; where nobody has said what it is at first, it has to be chosen. */
export function BooleanField(props: FieldProps) {
  const { parameter, value, onChange, label, description, error, isRequired } = props;
  if (hasDefault(parameter)) {
    return (
      <Switch
        label={label}
        description={description}
        error={error}
        checked={value === "true"}
        onChange={(event) => onChange(String(event.currentTarget.checked))}
        data-field={parameter.name}
      />
    );
  }
  return (
    <Radio.Group
      label={label}
      description={description}
      error={error}
      withAsterisk={isRequired}
      value={value}
      onChange={onChange}
    >
      <Group gap="lg" mt={6}>
        <Radio value="true" label="Yes" data-field={parameter.name} />
        <Radio value="false" label="No" />
      </Group>
    </Radio.Group>
  );
}
