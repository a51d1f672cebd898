import { Text } from "@mantine/core";
import type { Alert } from "../../nouns/alert/queries";
import { type Json, textAt } from "../json";
import { filledIn, textsIn } from "./placeholders";

interface ComesToProps {
  value: Json | undefined;
  /** What is taken where the alert has nothing for it. */
  fallback: Json | undefined;
  sample: Alert | null;
  label: string;
}

/** What a value comes to for an alert; nothing where it says the same of every alert. */
export function ComesTo({ value, fallback, sample, label }: ComesToProps) {
  const texts = textsIn(value).filter((text) => text.includes("{{"));
  if (sample === null || texts.length === 0) {
    return null;
  }
  const filled = texts.map((text) => filledIn(text, sample));
  const missing = [...new Set(filled.flatMap((one) => one.missing))];
  const instead = textAt({ fallback: fallback ?? null }, "fallback");
  return (
    <Text size="xs" c="dimmed" role="note" aria-label={`What ${label} comes to`} style={{ overflowWrap: "anywhere" }}>
      {missing.length === 0 ? (
        <>
          For this alert: <code>{filled.map(({ text }) => text).join(", ")}</code>
        </>
      ) : (
        <>
          This alert has no {missing.join(", ")}:{" "}
          {instead === "" ? (
            "nothing would run"
          ) : (
            <>
              <code>{instead}</code> is taken
            </>
          )}
        </>
      )}
    </Text>
  );
}
