import { Autocomplete, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { suggestedProvidersQuery } from "../nouns/provider/suggestions";
import { type FieldProps, inputProps } from "./FieldProps";

const MOST_SHOWN = 50;

/** A provider's name, with the names that there are; also one that is not among them can be typed. */
export function ProviderField(props: FieldProps) {
  const { value, onChange } = props;
  const { data = [] } = useQuery(suggestedProvidersQuery);
  const about = new Map(data.map(({ name, about }) => [name, about]));
  return (
    <Autocomplete
      {...inputProps(props)}
      value={value}
      onChange={onChange}
      data={[...about.keys()]}
      limit={MOST_SHOWN}
      renderOption={({ option }) => (
        <Text span size="sm">
          {option.value}{" "}
          <Text span size="xs" c="dimmed">
            {about.get(option.value)}
          </Text>
        </Text>
      )}
      placeholder="A provider's name"
      spellCheck={false}
      autoComplete="off"
      autoCapitalize="off"
      maw={360}
    />
  );
}
