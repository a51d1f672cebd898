import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { alertQuery } from "../../nouns/alert/queries";
import { sessionQuery } from "../../nouns/session/queries";
import { Page } from "../../ui/Page";
import { Reading } from "../../ui/Reading";
import { NEW_RULE } from "./kind";
import { ruleOf } from "./ofAlert";
import { RuleForm } from "./RuleForm";

const route = getRouteApi("/signed-in/alert-rules/+new");

/** A new alert rule, for alerts like one where that is named. */
export function NewRulePage() {
  const { view, alert: alertId } = route.useSearch();
  const { data: session } = useSuspenseQuery(sessionQuery);
  const { data: episode } = useQuery({
    ...alertQuery(alertId ?? ""),
    enabled: alertId !== undefined,
    throwOnError: true,
  });
  const alert = episode?.alert;
  const beginning = useMemo(() => (alert === undefined ? null : ruleOf(alert)), [alert]);
  if (alertId !== undefined && beginning === null) {
    return <Reading label="The alert is being read" />;
  }
  return (
    <Page title="New alert rule" about="Which action answers which alerts">
      <RuleForm
        person={session.name}
        name={alertId === undefined ? "+new" : `+new ${alertId}`}
        beginning={beginning ?? NEW_RULE}
        isText={view === "yaml"}
        alertId={alertId}
      />
    </Page>
  );
}
