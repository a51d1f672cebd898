import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { GitMerge } from "lucide-react";
import { definitionTextQuery } from "../nouns/definition/texts";
import { comparisonQuery } from "../nouns/definition/versions";
import { askFirst } from "../ui/askFirst";
import { DiffText } from "../ui/DiffText";
import { ProblemAlert } from "../ui/ProblemAlert";
import { RelativeTime } from "../ui/RelativeTime";
import { beginningOf } from "./beginning";
import { bringIntoView } from "./bringIntoView";
import type { FormKind } from "./FormKind";
import type { Beginning } from "./useDefinitionForm";

interface ConflictAlertProps {
  kind: FormKind;
  name: string;
  /** The version that was changed here. */
  base: number;
  onSaveOver: (version: number) => void;
  onTakeTheirs: (theirs: Beginning) => void;
}

/** That somebody else has saved meanwhile: who, what, and the two ways to go on. Nothing that was typed is lost. */
export function ConflictAlert({ kind, name, base, onSaveOver, onTakeTheirs }: ConflictAlertProps) {
  const queries = useQueryClient();
  const current = useQuery({ ...definitionTextQuery(kind.path, name), staleTime: 0 });
  const version = current.data?.version ?? base;
  const theirs = useQuery({ ...comparisonQuery(kind.path, name, version, base), enabled: version !== base });
  if (current.error !== null || theirs.error !== null) {
    return <ProblemAlert error={current.error ?? theirs.error} onRetry={() => void current.refetch()} />;
  }
  if (theirs.data === undefined) {
    return null;
  }
  const { by, at, note, diff } = theirs.data;
  return (
    <Alert
      ref={bringIntoView}
      color="orange"
      icon={<GitMerge />}
      title="Somebody else has saved meanwhile"
      role="alert"
    >
      <Stack gap="sm" align="flex-start">
        <Text size="sm">
          {by} saved version {version} <RelativeTime at={at} />
          {note === "" ? "" : `: ${note}`}. You began with version {base}; what you wrote is still here.
        </Text>
        <Text size="sm" fw={600}>
          What they changed
        </Text>
        <DiffText diff={diff ?? ""} label="What they changed" />
        <Group gap="sm">
          <Button
            size="xs"
            onClick={() =>
              askFirst({
                title: "Save yours over it?",
                text: `What ${by} changed is then only in version ${version}, where yours says otherwise.`,
                deed: "Save mine",
                onDo: async () => onSaveOver(version),
              })
            }
          >
            Save mine over it
          </Button>
          <Button
            size="xs"
            variant="default"
            onClick={() =>
              askFirst({
                title: "Take theirs?",
                text: "What you wrote is gone then.",
                deed: "Take theirs",
                onDo: async () =>
                  onTakeTheirs(
                    beginningOf(
                      kind.word,
                      await queries.fetchQuery({ ...definitionTextQuery(kind.path, name), staleTime: 0 }),
                    ),
                  ),
              })
            }
          >
            Take theirs
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
