import { Button, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { asProblem } from "../../api/problem";
import type { RunFilters } from "../../nouns/run/queries";
import { saveFile } from "../../ui/saveFile";
import { csvOf } from "./csv";
import { exportedRuns } from "./exporting";

/** The history that the filters leave, as a file: for a table, or for a program. */
export function ExportMenu({ filters }: { filters: RunFilters }) {
  const exporting = useMutation({
    mutationFn: async (format: "csv" | "json") => {
      const runs = await exportedRuns(filters);
      const text = format === "csv" ? csvOf(runs) : `${JSON.stringify(runs, null, 1)}\n`;
      saveFile(`runs.${format}`, text, format === "csv" ? "text/csv" : "application/json");
    },
    onError: (error) =>
      notifications.show({ color: "red", title: "Nothing was exported", message: asProblem(error).message }),
  });
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" leftSection={<Download size={16} aria-hidden />} loading={exporting.isPending}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => exporting.mutate("csv")}>As a table (CSV)</Menu.Item>
        <Menu.Item onClick={() => exporting.mutate("json")}>As JSON</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
