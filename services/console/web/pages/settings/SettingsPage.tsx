import { getRouteApi } from "@tanstack/react-router";
import { Page } from "../../ui/Page";
import { TabLink, TabLinks } from "../../ui/TabLinks";
import { AuditList } from "./AuditList";
import { ChannelList } from "./ChannelList";
import { IntegrationList } from "./IntegrationList";
import { MasterKeyList } from "./MasterKeyList";
import { NotificationList } from "./NotificationList";
import { RetentionList } from "./RetentionList";
import { SecretList } from "./SecretList";
import { TokenList } from "./TokenList";

const route = getRouteApi("/signed-in/settings");

/** Who may call, what is kept secret, who did what, and what is kept for how long. */
export function SettingsPage() {
  const { show, channel, state, ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Page
      title="Settings"
      about="Who may call, what is kept secret, who is told, who did what, and what is kept for how long"
    >
      <TabLinks label="Settings of">
        <TabLink to="/settings" search={{}} isShown={show === undefined}>
          Tokens
        </TabLink>
        <TabLink to="/settings" search={{ show: "secrets" }} isShown={show === "secrets"}>
          Secrets
        </TabLink>
        <TabLink to="/settings" search={{ show: "master-keys" }} isShown={show === "master-keys"}>
          Master keys
        </TabLink>
        <TabLink to="/settings" search={{ show: "channels" }} isShown={show === "channels"}>
          Channels
        </TabLink>
        <TabLink to="/settings" search={{ show: "notifications" }} isShown={show === "notifications"}>
          Notifications
        </TabLink>
        <TabLink to="/settings" search={{ show: "integrations" }} isShown={show === "integrations"}>
          Integrations
        </TabLink>
        <TabLink to="/settings" search={{ show: "audit" }} isShown={show === "audit"}>
          Audit
        </TabLink>
        <TabLink to="/settings" search={{ show: "retention" }} isShown={show === "retention"}>
          Retention
        </TabLink>
      </TabLinks>
      {show === undefined ? <TokenList /> : null}
      {show === "secrets" ? <SecretList /> : null}
      {show === "master-keys" ? <MasterKeyList /> : null}
      {show === "channels" ? <ChannelList /> : null}
      {show === "notifications" ? (
        <NotificationList
          filters={{ channel, state }}
          onChange={(changed) => void navigate({ search: { show: "notifications", ...changed }, replace: true })}
        />
      ) : null}
      {show === "integrations" ? <IntegrationList /> : null}
      {show === "audit" ? (
        <AuditList
          filters={filters}
          onChange={(changed) => void navigate({ search: { show: "audit", ...changed }, replace: true })}
        />
      ) : null}
      {show === "retention" ? <RetentionList /> : null}
    </Page>
  );
}
