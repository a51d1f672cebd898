import { Button, Group, Input, Stack, Text } from "@mantine/core";
import { Plus, Replace } from "lucide-react";
import { useId, useMemo, useRef } from "react";
import { FixButton } from "../../definition-form/FixButton";
import { type Fault, placed } from "../../definition-form/faults";
import type { Part } from "../../definition-form/fields/Part";
import { type JsonObject, listAt, textAt } from "../../definition-form/json";
import type { EditorHandle } from "../../editor/CodeEditor";
import { LazyEditor } from "../../editor/LazyEditor";
import classes from "./CommandEntry.module.css";
import { nearOffers, offersOf, unknownNames, withName } from "./offers";

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
  const offers = offersOf(definition, index);
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
          offers={offers}
          faults={marks}
          describedBy={hasError ? saidBy : undefined}
          handle={editor}
        />
      </div>
      <Stack gap={4} mt={6} id={saidBy}>
        {faults.map((fault) => (
          <FaultLine key={fault.message} fault={fault} onGo={(place) => editor.current?.goTo(place)}>
            {fault.fixes.map((fix) => (
              <Group key={fix.title}>
                <FixButton fix={fix} change={part.change} />
              </Group>
            ))}
          </FaultLine>
        ))}
        {unknown.map((name) => (
          <Group key={name} gap="xs">
            {nearOffers(name, offers).map((near) => (
              <Button
                key={near}
                size="compact-xs"
                variant="light"
                leftSection={<Replace size={13} aria-hidden />}
                onClick={() => onChange(withName(text, name, near))}
              >
                Write {`{{ ${near} }}`}
              </Button>
            ))}
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
