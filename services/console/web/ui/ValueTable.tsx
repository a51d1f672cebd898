import { Code, Table } from "@mantine/core";

interface ValueTableProps {
  label: string;
  /** By their names; a text as it is, all else as JSON. */
  values: Readonly<Record<string, unknown>>;
}

/** Values by their names. */
export function ValueTable({ label, values }: ValueTableProps) {
  return (
    <Table aria-label={label} withRowBorders={false} verticalSpacing={4}>
      <Table.Tbody>
        {Object.entries(values).map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" style={{ overflowWrap: "anywhere" }}>
              {name}
            </Table.Th>
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
