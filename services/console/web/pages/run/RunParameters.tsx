import { Code, Table } from "@mantine/core";
import type { Run } from "../../nouns/run/states";
import { EmptyState } from "../../ui/EmptyState";

/** The values that a run was given, defaults included; secrets by their names. */
export function RunParameters({ run }: { run: Run }) {
  const values = Object.entries(run.parameters);
  if (values.length === 0) {
    return <EmptyState title="This action takes no parameters." />;
  }
  return (
    <Table aria-label="Parameters">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Parameter</Table.Th>
          <Table.Th>Value</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {values.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Td>{name}</Table.Td>
            <Table.Td>
              <Code style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
                {typeof value === "string" ? value : JSON.stringify(value)}
              </Code>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
