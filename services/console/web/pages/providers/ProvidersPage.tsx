import { getRouteApi } from "@tanstack/react-router";
import { FileUp, Plus } from "lucide-react";
import { useRefusal } from "../../nouns/session/can";
import { ButtonLink } from "../../ui/links";
import { Page } from "../../ui/Page";
import { TabLink, TabLinks } from "../../ui/TabLinks";
import { GroupList } from "./GroupList";
import { PoolList } from "./PoolList";
import { ProviderList } from "./ProviderList";

const route = getRouteApi("/signed-in/providers");

/** The machines that commands run on: each, by groups, and by who serves them. */
export function ProvidersPage() {
  const { show, text } = route.useSearch();
  const navigate = route.useNavigate();
  const refusal = useRefusal("providers.write");
  return (
    <Page
      title="Providers"
      about="The machines that steps run on"
      actions={
        <>
          <ButtonLink
            to="/providers/+import"
            variant="default"
            leftSection={<FileUp size={16} aria-hidden />}
            disabled={refusal !== null}
          >
            Import
          </ButtonLink>
          <ButtonLink to="/providers/+new" leftSection={<Plus size={16} aria-hidden />} disabled={refusal !== null}>
            Add a provider
          </ButtonLink>
        </>
      }
    >
      <TabLinks label="Providers by">
        <TabLink to="/providers" search={{}} isShown={show === undefined}>
          Machines
        </TabLink>
        <TabLink to="/providers" search={{ show: "groups" }} isShown={show === "groups"}>
          Groups
        </TabLink>
        <TabLink to="/providers" search={{ show: "pools" }} isShown={show === "pools"}>
          Pools and executors
        </TabLink>
      </TabLinks>
      {show === undefined ? (
        <ProviderList
          text={text}
          onText={(found) => void navigate({ search: { text: found }, replace: true, resetScroll: false })}
        />
      ) : show === "groups" ? (
        <GroupList />
      ) : (
        <PoolList />
      )}
    </Page>
  );
}
