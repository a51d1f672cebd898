import { Code, Table, Text } from "@mantine/core";
import type { Schemas } from "../../api/client";

/** What an action or a template asks for. */
export function ParameterTable({ parameters }: { parameters: readonly Schemas["Parameter"][] }) {
  return (
    <Table verticalSpacing="xs" aria-label="Parameters">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Parameter</Table.Th>
          <Table.Th>Type</Table.Th>
          <Table.Th>Default</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {parameters.map((parameter) => (
          <Table.Tr key={parameter.name}>
            <Table.Td>
              <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
                {parameter.title || parameter.name}
              </Text>
              <Text size="sm" c="dimmed">
                {parameter.description}
              </Text>
            </Table.Td>
            <Table.Td>{parameter.type}</Table.Td>
            <Table.Td>
              <DefaultValue parameter={parameter} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function DefaultValue({ parameter }: { parameter: Schemas["Parameter"] }) {
  const { default: given, required } = parameter;
  if (given === undefined || given === null || given === "") {
    return (
      <Text span size="sm" c="dimmed">
        {required ? "required" : "none"}
      </Text>
    );
  }
  return <Code style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{String(given)}</Code>;
}
