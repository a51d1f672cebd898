import { Textarea, TextInput } from "@mantine/core";
import type { ClipboardEvent } from "react";
import { type FieldProps, inputProps } from "./FieldProps";

/** A text of one line, or of several once one with several is pasted: a field of one line would drop their ends. */
export function TextField(props: FieldProps) {
  const { parameter, value, onChange } = props;
  const shared = { ...inputProps(props), value, spellCheck: false, autoComplete: "off", autoCapitalize: "off" };
  if (parameter.code || value.includes("\n")) {
    return (
      <Textarea
        {...shared}
        onChange={(event) => onChange(event.currentTarget.value)}
        autosize
        minRows={2}
        maxRows={16}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      />
    );
  }
  const paste = (event: ClipboardEvent<HTMLInputElement>) => {
    const pasted = event.clipboardData.getData("text").replaceAll("\r\n", "\n");
    if (pasted.trimEnd().includes("\n")) {
      event.preventDefault();
      const { selectionStart, selectionEnd } = event.currentTarget;
      onChange(value.slice(0, selectionStart ?? value.length) + pasted + value.slice(selectionEnd ?? value.length));
    }
  };
  return <TextInput {...shared} onChange={(event) => onChange(event.currentTarget.value)} onPaste={paste} />;
}
