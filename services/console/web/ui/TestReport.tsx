import { Text } from "@mantine/core";
import { asProblem } from "../api/problem";
import { durationText } from "./time";

interface TestReportProps {
  report: { ok: boolean; message: string; connect_ms?: number | null } | undefined;
  error: unknown;
}

/** What a test of a provider or a channel found, in the server's words; nothing where none was made. */
export function TestReport({ report, error }: TestReportProps) {
  if (error !== null) {
    return (
      <Text size="sm" c="var(--mantine-color-error)" role="alert">
        {asProblem(error).message}
      </Text>
    );
  }
  if (report === undefined) {
    return null;
  }
  const took = report.connect_ms == null ? "" : ` Connecting took ${durationText(report.connect_ms / 1000)}.`;
  return (
    <Text size="sm" maw={420} role="status" c={report.ok ? undefined : "var(--mantine-color-error)"}>
      {report.message}
      {took}
    </Text>
  );
}
