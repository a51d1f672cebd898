import { getRouteApi } from "@tanstack/react-router";
import { Page } from "../../ui/Page";
import { TabLink, TabLinks } from "../../ui/TabLinks";
import { AlertList } from "./AlertList";
import { DeliveryList } from "./DeliveryList";
import { RuleList } from "./RuleList";

const route = getRouteApi("/signed-in/alerts");

/** What monitoring systems reported, and what they sent that was not understood. */
export function AlertsPage() {
  const { show, all, ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Page title="Alerts" about="What monitoring systems reported, what the alert rules decided, and the runs it led to">
      <TabLinks label="Alerts by">
        <TabLink to="/alerts" search={{}} isShown={show === undefined}>
          Alerts
        </TabLink>
        <TabLink to="/alerts" search={{ show: "rules" }} isShown={show === "rules"}>
          Rules
        </TabLink>
        <TabLink to="/alerts" search={{ show: "posts" }} isShown={show === "posts"}>
          What was posted
        </TabLink>
      </TabLinks>
      {show === undefined ? (
        <AlertList filters={filters} onChange={(search) => void navigate({ search, replace: true })} />
      ) : show === "rules" ? (
        <RuleList />
      ) : (
        <DeliveryList
          withTaken={all === true}
          onChange={(withTaken) => void navigate({ search: { show, all: withTaken || undefined }, replace: true })}
        />
      )}
    </Page>
  );
}
