import { Button, Group, Input, Stack, Text } from "@mantine/core";
import { Plus, Wrench } from "lucide-react";
import { useId, useMemo, useRef } from "react";
import type { EditorHandle } from "../../editor/CodeEditor";
import { LazyEditor } from "../../editor/LazyEditor";
import classes from "./CommandEntry.module.css";
import { type Fault, type Fix, placed } from "./faults";
import type { Part } from "./fields/Part";
import { type Json, type JsonObject, listAt, textAt } from "./json";
import { offersOf, unknownNames } from "./offers";

interface CommandEntryProps {
  part: Part;
  definition: JsonObject;
  index: number;
  onChange: (text: string) => void;
}

/** The shell text of a step, with what is refused of it at its place, and the ways out as buttons. */
export function CommandEntry({ part, definition, index, onChange }: CommandEntryProps) {
  const editor = useRef<EditorHandle>(null);
  const saidBy = useId();
  const text = textAt(part.value, "command");
  const field = `${part.at}command`;
  const faults = part.faults.filter((fault) => fault.field === field);
  const places = faults.flatMap(({ message, isWarning }) => {
    const { place } = placed(message);
    return place === null || isWarning ? [] : [place];
  });
  // The marks are set anew where they are others, and not with every letter.
  const placesText = JSON.stringify(places);
  const marks = useMemo((): typeof places => JSON.parse(placesText), [placesText]);
  const hasError = faults.some(({ isWarning }) => !isWarning);
  const unknown = hasError ? unknownNames(definition, text) : [];
  return (
    <Input.Wrapper
      label="Command"
      description={"Shell text; {{ name }} stands for a value, and is offered as you type it. Tab leaves the field"}
      required
      labelElement="div"
      labelProps={{ onClick: () => editor.current?.focus() }}
    >
      <div className={classes.editor} data-field={field}>
        <LazyEditor
          value={text}
          onChange={onChange}
          label={`Command of ${textAt(part.value, "name") || `step ${index + 1}`}`}
          language="shell"
          offers={offersOf(definition, index)}
          faults={marks}
          describedBy={hasError ? saidBy : undefined}
          handle={editor}
        />
      </div>
      <Stack gap={4} mt={6} id={saidBy}>
        {faults.map((fault) => (
          <FaultLine key={fault.message} fault={fault} onGo={(place) => editor.current?.goTo(place)}>
            {fault.fixes.map((fix) => (
              <FixButton key={fix.title} fix={fix} onTake={() => take(part, fix)} />
            ))}
          </FaultLine>
        ))}
        {unknown.map((name) => (
          <Group key={name}>
            <Button
              size="compact-xs"
              variant="light"
              leftSection={<Plus size={13} aria-hidden />}
              onClick={() =>
                part.change({
                  do: "insert",
                  list: "parameters",
                  index: listAt(definition, "parameters").length,
                  item: { name },
                })
              }
            >
              Add the parameter '{name}'
            </Button>
          </Group>
        ))}
      </Stack>
    </Input.Wrapper>
  );
}

/** Each of its changes; what is null is taken away. */
function take({ change }: Part, { changes }: Fix): void {
  for (const [field, value] of Object.entries(changes)) {
    change({ do: "set", field, value: value === null ? undefined : (value as Json) });
  }
}

interface FaultLineProps {
  fault: Fault;
  onGo: (place: { line: number; column: number }) => void;
  children: React.ReactNode;
}

function FaultLine({ fault, onGo, children }: FaultLineProps) {
  const { place, text } = placed(fault.message);
  return (
    <Stack gap={4}>
      <Text
        size="sm"
        c={fault.isWarning ? undefined : "var(--mantine-color-error)"}
        style={{ overflowWrap: "anywhere" }}
      >
        {fault.isWarning ? "Mind that: " : ""}
        {place === null ? null : (
          <Button size="compact-xs" variant="default" mr={6} onClick={() => onGo(place)}>
            line {place.line}, column {place.column}
          </Button>
        )}
        {text}
      </Text>
      {children}
    </Stack>
  );
}

function FixButton({ fix, onTake }: { fix: Fix; onTake: () => void }) {
  return (
    <Group>
      <Button
        size="compact-xs"
        variant="light"
        leftSection={<Wrench size={13} aria-hidden />}
        onClick={onTake}
        h="auto"
        mih={26}
        py={3}
        styles={{ label: { whiteSpace: "normal", textAlign: "start", overflowWrap: "anywhere" } }}
      >
        {fix.title.charAt(0).toUpperCase() + fix.title.slice(1)}
      </Button>
    </Group>
  );
}
