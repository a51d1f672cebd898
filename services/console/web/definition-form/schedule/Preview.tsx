import { Box, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { asProblem } from "../../api/problem";
import { FireTimeList } from "../../nouns/schedule/FireTimeList";
import { previewQuery } from "../../nouns/schedule/queries";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Reading } from "../../ui/Reading";
import type { JsonObject } from "../json";

const PAUSE = 400;

/** The next ten times, as the scheduler works them out, anew as one types. */
export function Preview({ definition, label }: { definition: JsonObject; label: string }) {
  const { at, time_zone, starts_at, ends_at } = definition;
  const asked = JSON.stringify({ at, time_zone, starts_at, ends_at });
  const [settled] = useDebouncedValue(asked, PAUSE);
  const { data, error, refetch } = useQuery({ ...previewQuery(settled), enabled: at !== undefined });
  if (at === undefined) {
    return <Text size="sm">Say when, and the times stand here.</Text>;
  }
  if (error !== null && !asProblem(error).isPassing) {
    return (
      <Text size="sm" c="dimmed" role="status">
        There are no times to show yet: {asProblem(error).message}
      </Text>
    );
  }
  if (error !== null) {
    return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  }
  if (data === undefined) {
    return <Reading height={120} label="The times are being worked out" />;
  }
  return (
    <Box aria-busy={settled !== asked}>
      <Text size="sm" c="dimmed" mb={4}>
        On the clocks of {data.time_zone}, as the scheduler has them (time zone database {data.edition})
      </Text>
      <FireTimeList
        label={label}
        times={data}
        timeZone={data.time_zone}
        empty="It will not come: none of its times are left."
      />
    </Box>
  );
}
