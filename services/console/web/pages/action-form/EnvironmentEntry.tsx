import { ActionIcon, Button, Group, Input, Stack, TextInput } from "@mantine/core";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { errorsOf, type Part, setField } from "../../definition-form/fields/Part";
import { isObject, type Json } from "../../definition-form/json";

interface Variable {
  id: number;
  name: string;
  value: string;
}

/** Variables of a command. Their rows are its own: a name that is half typed may be another one's. */
export function EnvironmentEntry({ part }: { part: Part }) {
  const [rows, setRows] = useState(() => rowsOf(part.value.environment));
  const write = (next: Variable[]) => {
    setRows(next);
    const named = next.filter(({ name }) => name !== "").map(({ name, value }) => [name, value]);
    setField(part, "environment", named.length === 0 ? undefined : Object.fromEntries(named));
  };
  const set = (id: number, changed: Partial<Variable>) =>
    write(rows.map((row) => (row.id === id ? { ...row, ...changed } : row)));
  return (
    <Input.Wrapper
      label="Environment"
      labelElement="div"
      description="Variables that the command finds"
      error={errorsOf(part, "environment")}
    >
      <Stack gap={6} mt={4}>
        {rows.map(({ id, name, value }, index) => (
          <Group key={id} gap={6} wrap="nowrap">
            <TextInput
              aria-label={`Name of variable ${index + 1}`}
              placeholder="NAME"
              value={name}
              spellCheck={false}
              autoComplete="off"
              flex="1 1 120px"
              onChange={(event) => set(id, { name: event.currentTarget.value.trim() })}
            />
            <TextInput
              aria-label={`Value of variable ${index + 1}`}
              placeholder="value"
              value={value}
              spellCheck={false}
              autoComplete="off"
              flex="2 1 160px"
              onChange={(event) => set(id, { value: event.currentTarget.value })}
            />
            <ActionIcon
              variant="default"
              size={34}
              aria-label={`Remove variable ${name || index + 1}`}
              onClick={() => write(rows.filter((row) => row.id !== id))}
            >
              <X size={15} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Plus size={14} aria-hidden />}
          style={{ alignSelf: "flex-start" }}
          onClick={() => setRows([...rows, { id: Math.max(0, ...rows.map(({ id }) => id)) + 1, name: "", value: "" }])}
        >
          Add a variable
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}

function rowsOf(environment: Json | undefined): Variable[] {
  return isObject(environment)
    ? Object.entries(environment).map(([name, value], id) => ({ id, name, value: value === null ? "" : String(value) }))
    : [];
}
