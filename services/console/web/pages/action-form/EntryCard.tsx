import { ActionIcon, Badge, Collapse, Group, Text, UnstyledButton } from "@mantine/core";
import { ArrowDown, ArrowUp, ChevronDown, ChevronRight, Copy, GripVertical, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { countText } from "../../definition-form/faults";
import classes from "./EntryCard.module.css";

interface EntryCardProps {
  /** What an entry is, for the names of buttons: `step`. */
  noun: string;
  /** Of the entry, as people call it. */
  title: string;
  number: number;
  count: number;
  /** What of it is seen while it is folded. */
  summary: string;
  faultCount: number;
  isOpen: boolean;
  onToggle: () => void;
  onMove: (by: -1 | 1) => void;
  onDuplicate: () => void;
  onRemove: () => void;
  /** Begins to drag it; its list does the rest. */
  onGrip: (id: DragEventStart) => void;
  children: ReactNode;
}

export type DragEventStart = React.DragEvent<HTMLElement>;

/** An entry of a list that can be folded, moved by mouse and by keyboard, copied and taken away. */
export function EntryCard(props: EntryCardProps) {
  const { noun, title, number, count, summary, faultCount, isOpen, onToggle, children } = props;
  const name = title || `${noun} ${number}`;
  return (
    <>
      <div className={classes.head}>
        <span
          className={classes.grip}
          draggable
          onDragStart={props.onGrip}
          title="Drag to another place"
          data-grip={name}
          aria-hidden
        >
          <GripVertical size={16} />
        </span>
        <UnstyledButton className={classes.title} aria-expanded={isOpen} onClick={onToggle}>
          <Group gap={6} wrap="nowrap">
            {isOpen ? <ChevronDown size={16} aria-hidden /> : <ChevronRight size={16} aria-hidden />}
            <Text span fw={600} style={{ overflowWrap: "anywhere" }}>
              {number}. {name}
            </Text>
          </Group>
          {isOpen || summary === "" ? null : <span className={classes.summary}>{summary}</span>}
        </UnstyledButton>
        {faultCount === 0 ? null : (
          <Badge color="red.9" variant="filled" tt="none">
            {countText(faultCount)}
          </Badge>
        )}
        <Group gap={4} wrap="nowrap">
          <CardButton label={`Move ${name} up`} isOff={number === 1} onClick={() => props.onMove(-1)}>
            <ArrowUp size={16} aria-hidden />
          </CardButton>
          <CardButton label={`Move ${name} down`} isOff={number === count} onClick={() => props.onMove(1)}>
            <ArrowDown size={16} aria-hidden />
          </CardButton>
          <CardButton label={`Duplicate ${name}`} onClick={props.onDuplicate}>
            <Copy size={16} aria-hidden />
          </CardButton>
          <CardButton label={`Remove ${name}`} onClick={props.onRemove}>
            <Trash2 size={16} aria-hidden />
          </CardButton>
        </Group>
      </div>
      <Collapse expanded={isOpen}>
        {isOpen ? (
          <fieldset className={classes.body} aria-label={`${number}. ${name}`}>
            {children}
          </fieldset>
        ) : null}
      </Collapse>
    </>
  );
}

interface CardButtonProps {
  label: string;
  isOff?: boolean;
  onClick: () => void;
  children: ReactNode;
}

/** It keeps the focus also where there is nothing more to do: whoever moves an entry to the end stays with it. */
function CardButton({ label, isOff = false, onClick, children }: CardButtonProps) {
  return (
    <ActionIcon
      variant="default"
      size={30}
      aria-label={label}
      title={label}
      {...(isOff ? { "data-disabled": true, "aria-disabled": true } : {})}
      onClick={() => (isOff ? undefined : onClick())}
    >
      {children}
    </ActionIcon>
  );
}
