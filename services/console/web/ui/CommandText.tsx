import { ActionIcon, Button, Code, CopyButton } from "@mantine/core";
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import classes from "./CommandText.module.css";
import { inOrder } from "./inOrder";

interface CommandTextProps {
  text: string;
  /** What it is, for whoever copies it. */
  label: string;
}

const MOST_LINES = 14;
/** A text that is hardly longer than its beginning is shown whole. */
const SLACK = 2;

/** A shell text in the order in which it is run, wrapped; of a long one the beginning, and all of it on request. */
export function CommandText({ text, label }: CommandTextProps) {
  const [isWhole, setWhole] = useState(false);
  const lines = text.trimEnd().split("\n");
  const isLong = lines.length > MOST_LINES + SLACK;
  return (
    <div className={classes.root}>
      <Code block className={classes.text}>
        {inOrder((isLong && !isWhole ? lines.slice(0, MOST_LINES) : lines).join("\n"))}
      </Code>
      {isLong ? (
        <Button size="compact-sm" variant="subtle" mt={4} aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? "Show the beginning only" : `Show all ${lines.length} lines`}
        </Button>
      ) : null}
      {"clipboard" in navigator ? (
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <ActionIcon
              variant="default"
              size={26}
              className={classes.copy}
              aria-label={copied ? `Copied ${label}` : `Copy ${label}`}
              title="Copy"
              onClick={copy}
            >
              {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
            </ActionIcon>
          )}
        </CopyButton>
      ) : null}
    </div>
  );
}
