import { Button, Text, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { asProblem } from "../api/problem";
import { useRefusal } from "../nouns/session/can";
import { BottomBar } from "../ui/BottomBar";
import { DeedButton } from "../ui/DeedButton";
import { countText } from "./faults";
import type { useDefinitionForm } from "./useDefinitionForm";

interface SaveBarProps {
  form: ReturnType<typeof useDefinitionForm>;
  deed: string;
  onSave: () => void;
  note: string;
  onNote: (note: string) => void;
  /** Leads to a field; null where there are none. */
  onShow: ((field: string) => void) | null;
  cancel: ReactNode;
}

/** Saves what is written, and says at any time what keeps it from being saved. */
export function SaveBar({ form, deed, onSave, note, onNote, onShow, cancel }: SaveBarProps) {
  const refusal = useRefusal(form.kind.permission);
  const errors = form.faults.filter(({ isWarning }) => !isWarning);
  const first = errors[0];
  const unreadable = form.state.fault === null ? null : "The text cannot be read as it stands.";
  const unchanged = form.base.version !== null && !form.isChanged ? "Nothing is changed." : null;
  return (
    <>
      <TextInput
        label="Why"
        description="For whoever reads the versions later"
        value={note}
        maxLength={1000}
        maw={520}
        autoComplete="off"
        onChange={(event) => onNote(event.currentTarget.value)}
      />
      <BottomBar label="Save">
        <DeedButton refusal={refusal ?? unreadable ?? unchanged} loading={form.save.isPending} onClick={onSave}>
          {deed}
        </DeedButton>
        {cancel}
        {first === undefined || onShow === null ? null : (
          <Button size="compact-sm" variant="default" onClick={() => onShow(first.field)}>
            Show the first
          </Button>
        )}
        <Text role="status" size="sm" c={errors.length > 0 ? "var(--mantine-color-error)" : "dimmed"}>
          {statusText(form, errors.length)}
        </Text>
      </BottomBar>
    </>
  );
}

function statusText(form: SaveBarProps["form"], count: number): string {
  if (form.trialError !== null) {
    return `It could not be checked. ${asProblem(form.trialError).message}`;
  }
  if (count > 0) {
    return countText(count);
  }
  if (!form.isChanged) {
    return "";
  }
  return form.isKept ? "Not saved yet; kept in this browser." : "Not saved yet, and this browser keeps no copy.";
}
