import { ActionIcon, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { client } from "../api/client";
import { asProblem } from "../api/problem";
import { saveFile } from "../ui/saveFile";
import type { Selection } from "./shown";

interface DownloadButtonProps {
  runId: string;
  selection: Selection;
}

/** The output as a file, byte for byte as it was printed. */
export function DownloadButton({ runId, selection }: DownloadButtonProps) {
  const download = useMutation({
    mutationFn: async () => {
      const { data } = await client.GET("/api/v1/runs/{run_id}/output", {
        params: { path: { run_id: runId }, query: selection },
        headers: { Accept: "text/plain" },
        parseAs: "blob",
      });
      saveFile([runId, selection.step, selection.provider, "log"].filter(Boolean).join("."), data ?? "", "text/plain");
    },
    onError: (error) =>
      notifications.show({ color: "red", title: "Nothing was downloaded", message: asProblem(error).message }),
  });
  return (
    <Tooltip label="Download as text">
      <ActionIcon
        variant="default"
        size={34}
        aria-label="Download as text"
        loading={download.isPending}
        onClick={() => download.mutate()}
      >
        <Download size={17} />
      </ActionIcon>
    </Tooltip>
  );
}
