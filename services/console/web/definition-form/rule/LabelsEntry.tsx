import { ActionIcon, Autocomplete, Button, Group, Input, Select, Stack, TagsInput } from "@mantine/core";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { errorsAt } from "../faults";
import { errorsOf, type Part, setField } from "../fields/Part";
import { valueAt } from "../json";
import { inAnotherWay, type LabelRow, labelsOf, rowsOf, WAYS, type Way } from "./labels";

const FIELD = "match.labels";
const OPTIONS = Object.entries(WAYS).map(([value, label]) => ({ value, label }));
const MOST_SHOWN = 50;

interface LabelsEntryProps {
  part: Part;
  /** What labels of alerts that came lately are called, and which values each has. */
  known: ReadonlyMap<string, readonly string[]>;
}

/** What the labels of an alert have to be: each equal, one of several, or fit a pattern. */
export function LabelsEntry({ part, known }: LabelsEntryProps) {
  // The rows are its own: a name that is half typed may be another one's.
  const [rows, setRows] = useState(() => rowsOf(valueAt(part.value, FIELD)));
  const write = (next: LabelRow[]) => {
    setRows(next);
    setField(part, FIELD, labelsOf(next));
  };
  const set = (id: number, changed: Partial<LabelRow>) =>
    write(rows.map((row) => (row.id === id ? { ...row, ...changed } : row)));
  const shown = new Set(rows.map(({ name }) => `${part.at}${FIELD}.${name}`));
  const isElsewhere = errorsAt(part.faults, part.at + FIELD).every(({ field }) =>
    [...shown].some((name) => field === name || field.startsWith(`${name}.`)),
  );
  return (
    <Input.Wrapper
      label="Labels"
      labelElement="div"
      description="All of these have to hold; a label that is not there is taken as empty"
      error={isElsewhere ? null : errorsOf(part, FIELD)}
      data-field={part.at + FIELD}
    >
      <Stack gap={6} mt={4}>
        {rows.map((row, index) => (
          <Group key={row.id} gap={6} align="flex-start" role="group" aria-label={`Label ${index + 1}`}>
            <Autocomplete
              aria-label={`Name of label ${index + 1}`}
              placeholder="alertname"
              value={row.name}
              data={[...known.keys()]}
              limit={MOST_SHOWN}
              spellCheck={false}
              autoComplete="off"
              autoCapitalize="off"
              flex="1 1 140px"
              onChange={(name) => set(row.id, { name: name.trim() })}
            />
            <Select
              aria-label={`How label ${index + 1} is compared`}
              data={OPTIONS}
              value={row.way}
              allowDeselect={false}
              readOnly={row.kept !== undefined}
              w={140}
              onChange={(way) => set(row.id, inAnotherWay(row, way as Way))}
            />
            <LabelValue
              row={row}
              label={`Value of label ${index + 1}`}
              values={known.get(row.name) ?? []}
              error={row.name === "" ? null : errorsOf(part, `${FIELD}.${row.name}`)}
              onChange={(texts) => set(row.id, { texts })}
            />
            <ActionIcon
              variant="default"
              size={36}
              aria-label={`Remove label ${row.name || index + 1}`}
              onClick={() => write(rows.filter(({ id }) => id !== row.id))}
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
          onClick={() =>
            setRows([
              ...rows,
              { id: Math.max(0, ...rows.map(({ id }) => id)) + 1, name: "", way: "equals", texts: [""] },
            ])
          }
        >
          Add a label
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}

interface LabelValueProps {
  row: LabelRow;
  label: string;
  /** Which it had lately. */
  values: readonly string[];
  error: React.ReactNode;
  onChange: (texts: string[]) => void;
}

function LabelValue({ row, label, values, error, onChange }: LabelValueProps) {
  const shared = { "aria-label": label, error, flex: "2 1 180px", spellCheck: false, autoComplete: "off" };
  return row.way === "in" ? (
    <TagsInput
      {...shared}
      value={[...row.texts]}
      data={[...values]}
      limit={MOST_SHOWN}
      splitChars={[]}
      acceptValueOnBlur
      placeholder={row.texts.length === 0 ? "Enter adds one" : undefined}
      onChange={onChange}
    />
  ) : (
    <Autocomplete
      {...shared}
      value={row.texts[0] ?? ""}
      data={row.way === "equals" ? [...values] : []}
      limit={MOST_SHOWN}
      placeholder={row.way === "regex" ? "web-[0-9]+" : "empty, or not there"}
      readOnly={row.kept !== undefined}
      title={row.kept === undefined ? undefined : "Changed in the YAML"}
      autoCapitalize="off"
      onChange={(text) => onChange([text])}
    />
  );
}
