import { ActionIcon, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { Braces, Download } from "lucide-react";
import { client } from "../api/client";
import { asProblem } from "../api/problem";
import { saveFile } from "../ui/saveFile";
import type { Selection } from "./shown";

const FORMS = {
  text: { label: "Download as text", accept: "text/plain", ending: "log", icon: Download },
  lines: { label: "Download as JSON lines", accept: "application/x-ndjson", ending: "jsonl", icon: Braces },
} as const;

interface DownloadButtonProps {
  /** Byte for byte as it was printed, or a piece a line, with its step, its time and its stream. */
  form: keyof typeof FORMS;
  runId: string;
  selection: Selection;
}

/** The output as a file. */
export function DownloadButton({ form, runId, selection }: DownloadButtonProps) {
  const { label, accept, ending, icon: Icon } = FORMS[form];
  const download = useMutation({
    mutationFn: async () => {
      const { data } = await client.GET("/api/v1/runs/{run_id}/output", {
        params: { path: { run_id: runId }, query: selection },
        headers: { Accept: accept },
        parseAs: "blob",
      });
      saveFile([runId, selection.step, selection.provider, ending].filter(Boolean).join("."), data ?? "", accept);
    },
    onError: (error) =>
      notifications.show({ color: "red", title: "Nothing was downloaded", message: asProblem(error).message }),
  });
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="default"
        size={34}
        aria-label={label}
        loading={download.isPending}
        onClick={() => download.mutate()}
      >
        <Icon size={17} />
      </ActionIcon>
    </Tooltip>
  );
}
