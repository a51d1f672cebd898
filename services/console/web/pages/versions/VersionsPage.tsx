import { Card } from "@mantine/core";
import { useSuspenseInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { listOf } from "../../api/paging";
import { type VersionedKind, versionsQuery } from "../../nouns/definition/versions";
import { EmptyState } from "../../ui/EmptyState";
import { ListTable } from "../../ui/ListTable";
import { TextLink } from "../../ui/links";
import { Page } from "../../ui/Page";
import { Comparison } from "./Comparison";
import { comparedOf } from "./chosen";
import { columnsOf } from "./columns";

export const ActionVersionsPage = () => <VersionsPage kind="actions" />;
export const ProviderVersionsPage = () => <VersionsPage kind="providers" />;
export const ScheduleVersionsPage = () => <VersionsPage kind="schedules" />;
export const ChannelVersionsPage = () => <VersionsPage kind="channels" />;
export const RuleVersionsPage = () => <VersionsPage kind="alert-rules" />;
export const IntegrationVersionsPage = () => <VersionsPage kind="integrations" />;
export const WindowVersionsPage = () => <VersionsPage kind="maintenance-windows" />;

/** What has become of something: any two of its versions compared, and each to be had back. */
function VersionsPage({ kind }: { kind: VersionedKind }) {
  const route = getRouteApi(`/signed-in/${kind}/$name/versions`);
  const { name } = route.useParams();
  const chosen = route.useSearch();
  const navigate = route.useNavigate();
  const list = useSuspenseInfiniteQuery(versionsQuery(kind, name));
  const reading = listOf(list);
  const [newest] = reading.items;
  if (newest === undefined) {
    return (
      <Page title={`Versions of ${name}`}>
        <EmptyState title="Nothing ever had this name." />
      </Page>
    );
  }
  const isDeleted = newest.change === "deleted";
  const compared = comparedOf(chosen, newest.version);
  return (
    <Page
      title={`Versions of ${name}`}
      about={
        isDeleted ? (
          "It is deleted. Restore one of its versions, and it is there again."
        ) : (
          <TextLink to={`/${kind}/$name`} params={{ name }} size="sm">
            Back to {name}
          </TextLink>
        )
      }
    >
      <Card withBorder component="section" aria-label="Comparison">
        <Comparison
          kind={kind}
          name={name}
          newest={newest}
          compared={compared}
          onChoose={(search) => void navigate({ search, replace: true, resetScroll: false })}
        />
      </Card>
      <ListTable
        caption="Versions"
        columns={columnsOf(kind, name, newest, compared.version)}
        {...reading}
        keyOf={({ version }) => String(version)}
        empty={null}
      />
    </Page>
  );
}
