import { Alert } from "@mantine/core";
import { WifiOff } from "lucide-react";
import type { Problem } from "../../api/problem";
import type { StreamState } from "../../live/stream";

interface ConnectionNoteProps {
  live: { state: StreamState; why: Problem | null };
  isUnderWay: boolean;
}

/** That the page does not hear of its run, and what is done about it. */
export function ConnectionNote({ live: { state, why }, isUnderWay }: ConnectionNoteProps) {
  if (!isUnderWay || state !== "lost") {
    return null;
  }
  return (
    <Alert color="yellow" icon={<WifiOff />} title="The connection is lost" role="status" py="xs">
      {why === null ? "" : `${why.message} `}The run goes on by itself, and this page will show all of it once the
      server answers; it is asked again every few seconds.
    </Alert>
  );
}
