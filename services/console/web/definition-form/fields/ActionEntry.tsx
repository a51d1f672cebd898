import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { searchQuery } from "../../nouns/action/search";
import { textAt } from "../json";
import { NameEntry } from "./NameEntry";
import type { Part } from "./Part";

const PAUSE = 200;

/** The action that is run, found as its name is typed. */
export function ActionEntry({ part }: { part: Part }) {
  const [text] = useDebouncedValue(textAt(part.value, "action"), PAUSE);
  const { data } = useQuery({ ...searchQuery(text), placeholderData: keepPreviousData });
  return (
    <NameEntry
      part={part}
      name="action"
      label="Action"
      description="What is run"
      suggestions={(data?.items ?? []).map(({ name }) => name)}
      isNeeded
    />
  );
}
