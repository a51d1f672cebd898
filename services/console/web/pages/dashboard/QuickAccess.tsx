import { Box, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Star } from "lucide-react";
import { ActionLink } from "../../nouns/action/ActionLink";
import { quickAccessQuery } from "../../nouns/action/favourites";
import { LastOutcome } from "../../nouns/action/LastOutcome";
import { RunButton } from "../../nouns/action/RunButton";
import { byAction } from "../../nouns/run/byAction";
import { RunningRuns } from "../../nouns/run/RunningRuns";
import { runningRunsQuery } from "../../nouns/run/running";
import { useRefusal } from "../../nouns/session/can";
import { TextLink } from "../../ui/links";
import { Tile } from "./Tile";

const LOOK_EVERY = 5_000;
const MOST = 12;

/** One's favourites, each with how it went last, one click away from being run. */
export function QuickAccess() {
  const favourites = useQuery({ ...quickAccessQuery, refetchInterval: LOOK_EVERY });
  const running = useQuery(runningRunsQuery);
  const refusal = useRefusal("runs.write");
  const live = byAction(running.data?.items ?? []);
  const items = favourites.data?.items ?? [];
  return (
    <Tile
      title="Quick access"
      icon={<Star size={18} aria-hidden />}
      query={favourites}
      beside={
        items.length > MOST ? (
          <TextLink to="/actions" search={{ favourite: true }} size="sm">
            All {items.length}
          </TextLink>
        ) : null
      }
    >
      {favourites.isSuccess && items.length === 0 ? (
        <Text size="sm" c="dimmed">
          Star the actions that you run often, and they stand here. Look at{" "}
          <TextLink to="/actions" underline="always">
            all actions
          </TextLink>
          , or make one of a{" "}
          <TextLink to="/templates" underline="always">
            template
          </TextLink>
          .
        </Text>
      ) : null}
      {items.slice(0, MOST).map(({ action, title, last_run }) => {
        const named = { name: action, title };
        const runs = live.get(action);
        return (
          <Group key={action} justify="space-between" wrap="nowrap" gap="sm">
            <Box miw={0} flex={1}>
              <Group gap="xs" justify="space-between">
                <Text component="div" size="sm" fw={600}>
                  <ActionLink action={named} />
                </Text>
                {runs === undefined ? <LastOutcome run={last_run} /> : null}
              </Group>
              {runs === undefined ? null : <RunningRuns runs={runs} />}
            </Box>
            <RunButton action={named} refusal={refusal} />
          </Group>
        );
      })}
    </Tile>
  );
}
