import { Stack } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { CategoryBadge } from "../../nouns/action/CategoryBadge";
import { ParameterTable } from "../../nouns/action/ParameterTable";
import { actionQuery, titleOf } from "../../nouns/action/queries";
import { RunButton } from "../../nouns/action/RunButton";
import { StarButton } from "../../nouns/action/StarButton";
import { StepList } from "../../nouns/action/StepList";
import { VersionList } from "../../nouns/definition/VersionList";
import { useRefusal } from "../../nouns/session/can";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { ActionAbout } from "./ActionAbout";
import { ActionFacts } from "./ActionFacts";
import classes from "./ActionPage.module.css";
import { ActionSettings } from "./ActionSettings";
import { EditButtons } from "./EditButtons";
import { LastRuns } from "./LastRuns";

const route = getRouteApi("/signed-in/actions/$name");

/** An action: what it does, how it has gone, and what has become of it. */
export function ActionPage() {
  const { name } = route.useParams();
  const { data: action } = useSuspenseQuery(actionQuery(name));
  return (
    <Page
      title={titleOf(action)}
      beside={
        <>
          <CategoryBadge category={action.category} />
          <StarButton action={action} />
        </>
      }
      about={<ActionAbout action={action} />}
      actions={
        <>
          <EditButtons name={action.name} />
          <RunButton action={action} refusal={useRefusal("runs.write")} isMain />
        </>
      }
    >
      <div className={classes.layout}>
        <Stack gap="md" miw={0}>
          <ActionFacts action={action} />
          <Section title="What it does">
            <StepList steps={action.steps} />
          </Section>
          {action.parameters.length === 0 ? null : (
            <Section title="What it asks for">
              <ParameterTable parameters={action.parameters} />
            </Section>
          )}
        </Stack>
        <Stack gap="md" miw={0}>
          <LastRuns name={action.name} />
          <ActionSettings action={action} />
          <VersionList kind="actions" name={action.name} current={action.version} />
        </Stack>
      </div>
    </Page>
  );
}
