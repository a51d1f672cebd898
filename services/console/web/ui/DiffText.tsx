import { Text } from "@mantine/core";
import classes from "./DiffText.module.css";
import { type DiffLine, linesOf } from "./diff";
import { inOrder } from "./inOrder";

interface DiffTextProps {
  /** As `diff -u` writes it. */
  diff: string;
  /** What is compared, for whoever does not see it. */
  label: string;
}

const SIGNS = { same: " ", removed: "−", added: "+", gap: "⋮" } satisfies Record<DiffLine["is"], string>;
const TAGS = { same: "span", removed: "del", added: "ins", gap: "span" } as const satisfies Record<
  DiffLine["is"],
  string
>;

/** What a text has become: lines that are gone and lines that are new, told by sign and colour. */
export function DiffText({ diff, label }: DiffTextProps) {
  const lines = linesOf(diff);
  if (lines.length === 0) {
    return <Text size="sm">They say the same.</Text>;
  }
  return (
    <section className={classes.root} aria-label={label}>
      {lines.map((line, index) => {
        const Tag = TAGS[line.is];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a diff does not change, and its lines have no other name
          <Tag key={index} className={classes.line} data-is={line.is}>
            <span className={classes.sign}>{SIGNS[line.is]}</span>
            {line.is === "gap" ? null : (
              <span className={classes.text}>
                <LineText line={line} />
              </span>
            )}
          </Tag>
        );
      })}
    </section>
  );
}

function LineText({ line: { text, changed } }: { line: DiffLine }) {
  if (changed === null) {
    return inOrder(text);
  }
  const [from, to] = changed;
  return (
    <>
      {inOrder(text.slice(0, from))}
      <span className={classes.changed}>{inOrder(text.slice(from, to))}</span>
      {inOrder(text.slice(to))}
    </>
  );
}
