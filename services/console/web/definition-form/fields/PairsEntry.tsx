import { ActionIcon, Button, Group, Input, Stack, TextInput } from "@mantine/core";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { isObject, type Json, type JsonObject, valueAt } from "../json";
import { type EntryProps, errorsOf, setField } from "./Part";

interface Pair {
  id: number;
  name: string;
  value: string;
  /** What is no text, and is kept as it was written. */
  kept?: JsonObject;
}

interface PairsEntryProps extends EntryProps {
  /** What people call one, such as `variable`. */
  noun: string;
  /** What a name looks like. */
  placeholder: string;
}

/** Values by their names. Their rows are its own: a name that is half typed may be another one's. */
export function PairsEntry({ part, name: field, label, description, noun, placeholder }: PairsEntryProps) {
  const [rows, setRows] = useState(() => rowsOf(valueAt(part.value, field)));
  const write = (next: Pair[]) => {
    setRows(next);
    const named = next.filter(({ name }) => name !== "").map(({ name, value, kept }) => [name, kept ?? value]);
    setField(part, field, named.length === 0 ? undefined : Object.fromEntries(named));
  };
  const set = (id: number, changed: Partial<Pair>) =>
    write(rows.map((row) => (row.id === id ? { ...row, ...changed } : row)));
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      description={description}
      error={errorsOf(part, field)}
      data-field={part.at + field}
    >
      <Stack gap={6} mt={4}>
        {rows.map(({ id, name, value, kept }, index) => (
          <Group key={id} gap={6} wrap="nowrap">
            <TextInput
              aria-label={`Name of ${noun} ${index + 1}`}
              placeholder={placeholder}
              value={name}
              spellCheck={false}
              autoComplete="off"
              flex="1 1 120px"
              onChange={(event) => set(id, { name: event.currentTarget.value.trim() })}
            />
            <TextInput
              aria-label={`Value of ${noun} ${index + 1}`}
              placeholder="value"
              value={value}
              readOnly={kept !== undefined}
              title={kept === undefined ? undefined : "Changed in the YAML"}
              spellCheck={false}
              autoComplete="off"
              flex="2 1 160px"
              onChange={(event) => set(id, { value: event.currentTarget.value })}
            />
            <ActionIcon
              variant="default"
              size={34}
              aria-label={`Remove ${noun} ${name || index + 1}`}
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
          Add a {noun}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}

function rowsOf(pairs: Json | undefined): Pair[] {
  return isObject(pairs)
    ? Object.entries(pairs).map(([name, value], id) => {
        if (isObject(value)) {
          return { id, name, value: JSON.stringify(value), kept: value };
        }
        return { id, name, value: value === null ? "" : String(value) };
      })
    : [];
}
