import { getRouteApi } from "@tanstack/react-router";
import { Page } from "../../ui/Page";
import { TabLink, TabLinks } from "../../ui/TabLinks";
import { MasterKeyList } from "./MasterKeyList";
import { SecretList } from "./SecretList";
import { TokenList } from "./TokenList";

const route = getRouteApi("/signed-in/settings");

/** Who may call, and what is kept secret. */
export function SettingsPage() {
  const { show } = route.useSearch();
  return (
    <Page title="Settings" about="Who may call, and what is kept secret">
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
      </TabLinks>
      {show === undefined ? <TokenList /> : show === "secrets" ? <SecretList /> : <MasterKeyList />}
    </Page>
  );
}
