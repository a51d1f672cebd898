import { Alert, Button, Group, VisuallyHidden } from "@mantine/core";
import { Plus } from "lucide-react";
import { Fragment, type ReactNode, useState } from "react";
import { flushSync } from "react-dom";
import { focusEntry, focusField } from "../../definition-form/focusField";
import { isObject, type JsonObject, listAt, textAt } from "../../definition-form/json";
import type { Change, FormState, ListName } from "../../definition-form/state";
import type { DragEventStart } from "./EntryCard";
import classes from "./EntryCard.module.css";

interface EntryListProps {
  list: ListName;
  /** What an entry is: `step`. */
  noun: string;
  label: string;
  state: FormState;
  change: (change: Change) => void;
  isFaulty: (index: number) => boolean;
  onAdd: () => void;
  /** One entry, with what begins to drag it. */
  children: (entry: JsonObject, index: number, id: number, move: EntryMoves) => ReactNode;
}

export interface EntryMoves {
  onMove: (by: -1 | 1) => void;
  onGrip: (event: DragEventStart) => void;
  onRemove: () => void;
}

/** Entries in their order, which is told anew to whoever cannot see it; one that was taken away can be put back. */
export function EntryList({ list, noun, label, state, change, isFaulty, onAdd, children }: EntryListProps) {
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const [told, setTold] = useState("");
  const entries = listAt(state.definition, list).filter(isObject);
  const ids = state.ids[list];
  const nameOf = (index: number) => textAt(entries[index], "name") || `${noun} ${index + 1}`;
  const move = (from: number, to: number) => {
    if (to < 0 || to >= entries.length || from === to) {
      return;
    }
    change({ do: "move", list, from, to });
    setTold(`${nameOf(from)} is now ${to + 1} of ${entries.length}`);
  };
  const removed = state.removed?.list === list ? state.removed : null;
  const restore = () => {
    flushSync(() => change({ do: "restore" }));
    focusEntry(`${list}.${removed?.index}`);
  };
  const add = () => {
    flushSync(onAdd);
    focusField(`${list}.${entries.length}.name`);
  };
  const undo =
    removed === null ? null : (
      <Alert component="li" color="blue" py={6} role="status">
        <Group gap="sm">
          {textAt(removed.item, "name") || `A ${noun}`} is removed.
          <Button size="compact-sm" variant="default" autoFocus onClick={restore}>
            Undo
          </Button>
        </Group>
      </Alert>
    );
  return (
    <>
      <ol className={classes.list} aria-label={label}>
        {entries.map((entry, index) => {
          const id = ids[index] ?? index;
          const isTarget = dragged !== null && over === index && dragged !== index;
          return (
            <Fragment key={id}>
              {removed?.index === index ? undo : null}
              <li
                className={classes.card}
                data-entry={`${list}.${index}`}
                data-faulty={isFaulty(index) || undefined}
                data-dragged={dragged === index || undefined}
                data-over={isTarget ? (dragged < index ? "below" : "above") : undefined}
                onDragOver={(event) => {
                  if (dragged !== null) {
                    event.preventDefault();
                    setOver(index);
                  }
                }}
                onDrop={(event) => {
                  if (dragged !== null) {
                    event.preventDefault();
                    move(dragged, index);
                  }
                }}
                onDragEnd={() => {
                  setDragged(null);
                  setOver(null);
                }}
              >
                {children(entry, index, id, {
                  onMove: (by) => {
                    flushSync(() => move(index, index + by));
                    // Whoever moves an entry goes with it: its button has the focus still.
                    document.activeElement?.scrollIntoView({ block: "nearest" });
                  },
                  onRemove: () => change({ do: "remove", list, index }),
                  onGrip: (event) => {
                    event.dataTransfer.effectAllowed = "move";
                    event.dataTransfer.setData("text/plain", nameOf(index));
                    setDragged(index);
                  },
                })}
              </li>
            </Fragment>
          );
        })}
        {removed !== null && removed.index >= entries.length ? undo : null}
      </ol>
      <VisuallyHidden role="status">{told}</VisuallyHidden>
      <Button
        variant="default"
        leftSection={<Plus size={16} aria-hidden />}
        mt="sm"
        style={{ alignSelf: "flex-start" }}
        onClick={add}
      >
        Add a {noun}
      </Button>
    </>
  );
}
