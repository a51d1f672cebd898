import { Group, Text } from "@mantine/core";
import type { Schemas } from "../../api/client";
import { StateIcon } from "../../nouns/run/StateIcon";
import { EndText } from "../../ui/EndText";
import { Choice } from "./Choice";
import classes from "./ProviderGrid.module.css";

interface ProviderTileProps {
  invocation: Schemas["Invocation"];
  step: string;
  isChosen: boolean;
}

export function ProviderTile({ invocation: { provider, state }, step, isChosen }: ProviderTileProps) {
  return (
    <div className={classes.tile}>
      <Choice selection={{ step, provider }} isChosen={isChosen}>
        <Group gap={6} wrap="nowrap">
          <StateIcon state={state} />
          <Text size="xs" component="div" miw={0} display="grid">
            <EndText text={provider} />
          </Text>
        </Group>
      </Choice>
    </div>
  );
}
