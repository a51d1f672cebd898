import { useQuery } from "@tanstack/react-query";
import { FireTimeList } from "../../nouns/schedule/FireTimeList";
import { fireTimesQuery } from "../../nouns/schedule/queries";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Reading } from "../../ui/Reading";

const LOOK_EVERY = 30_000;

/** The next ten, as the scheduler has them, on the clocks of the schedule. */
export function NextTimes({ name, timeZone }: { name: string; timeZone: string }) {
  const { data, error, refetch } = useQuery({ ...fireTimesQuery(name), refetchInterval: LOOK_EVERY });
  if (data === undefined) {
    return error === null ? (
      <Reading height={120} label="The fire times are being read" />
    ) : (
      <ProblemAlert error={error} onRetry={() => void refetch()} />
    );
  }
  return (
    <FireTimeList
      label="Next fire times"
      times={data}
      timeZone={timeZone}
      empty="It will not fire: it is not enabled, or none of its fire times are left."
    />
  );
}
