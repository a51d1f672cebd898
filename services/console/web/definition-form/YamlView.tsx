import { Alert, Button, Card, Code, List, Stack, Text } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import { useMemo, useRef } from "react";
import type { EditorHandle } from "../editor/CodeEditor";
import { LazyEditor } from "../editor/LazyEditor";
import { DeedButton } from "../ui/DeedButton";
import type { Fault } from "./faults";
import type { Change, FormState } from "./state";
import type { WayToForm } from "./useView";
import { placesOf, writeYaml } from "./yaml";

interface YamlViewProps {
  /** What people call what is written. */
  noun: string;
  state: FormState;
  change: (change: Change) => void;
  faults: readonly Fault[];
  /** Where somebody wants the form, and it could not be shown. */
  form: WayToForm | null;
}

/** The same definition as YAML, each fault with its line. */
export function YamlView({ noun, state, change, faults, form }: YamlViewProps) {
  const editor = useRef<EditorHandle>(null);
  const { definition, fault } = state;
  const text = useMemo(() => state.text ?? writeYaml(definition), [state.text, definition]);
  const found = useMemo(() => {
    if (fault !== null) {
      return [{ place: fault.place, field: "", message: fault.message, isWarning: false }];
    }
    const places = placesOf(
      text,
      faults.map(({ field }) => field),
    );
    return faults.map(({ field, message, isWarning }, index) => ({
      place: places[index] ?? { line: 1, column: 1 },
      field,
      message,
      isWarning,
    }));
  }, [fault, faults, text]);
  const marks = useMemo(() => found.filter(({ isWarning }) => !isWarning).map(({ place }) => place), [found]);
  return (
    <Card withBorder component="section" aria-label="As YAML" style={{ overflow: "visible" }}>
      <Stack gap="sm">
        {form === null ? null : (
          <Alert color="yellow" icon={<CircleAlert />} title="The form could not show this">
            <Stack gap="xs" align="flex-start">
              {form.refusal ?? "Now it can."}
              <DeedButton size="compact-sm" variant="default" refusal={form.refusal} onClick={form.onShow}>
                Show the form
              </DeedButton>
            </Stack>
          </Alert>
        )}
        <Text size="sm" c="dimmed">
          What <Code>opsimate apply</Code> takes, in YAML 1.2. Comments are not stored.
        </Text>
        <LazyEditor
          value={text}
          onChange={(written) => change({ do: "write", text: written })}
          label={`The ${noun} as YAML`}
          language="yaml"
          faults={marks}
          describedBy={found.length > 0 ? "yaml-faults" : undefined}
          handle={editor}
        />
        <List size="sm" id="yaml-faults" listStyleType="none" aria-label="What is to be mended">
          {found.map(({ place, field, message, isWarning }) => (
            <List.Item
              key={`${field} ${message}`}
              c={isWarning ? undefined : "var(--mantine-color-error)"}
              style={{ overflowWrap: "anywhere" }}
            >
              <Button size="compact-xs" variant="default" mr={6} onClick={() => editor.current?.goTo(place)}>
                line {place.line}, column {place.column}
              </Button>
              {isWarning ? "Mind that: " : ""}
              {field === "" ? "" : <b>{field}: </b>}
              {message}
            </List.Item>
          ))}
        </List>
      </Stack>
    </Card>
  );
}
