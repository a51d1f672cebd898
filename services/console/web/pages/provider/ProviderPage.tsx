import { Alert, Anchor, Card, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { PlugZap, Trash2 } from "lucide-react";
import { VersionList } from "../../nouns/definition/VersionList";
import { addressOf } from "../../nouns/provider/address";
import { providerQuery, useDeleteProvider, useTestProvider } from "../../nouns/provider/queries";
import { useRefusal } from "../../nouns/session/can";
import { askFirst } from "../../ui/askFirst";
import { DeedButton } from "../../ui/DeedButton";
import { GoneAlert } from "../../ui/GoneAlert";
import { ButtonLink } from "../../ui/links";
import { Page } from "../../ui/Page";
import { RelativeTime } from "../../ui/RelativeTime";
import { TestReport } from "../../ui/TestReport";
import { draftOf } from "./draft";
import { ProviderForm } from "./ProviderForm";

const route = getRouteApi("/signed-in/providers/$name");

/** A machine: whether it can be reached, how, and what of that may be changed. */
export function ProviderPage() {
  const { name } = route.useParams();
  const navigate = useNavigate();
  const { data: provider } = useSuspenseQuery(providerQuery(name));
  const test = useTestProvider(name);
  const remove = useDeleteProvider(name);
  const mayTest = useRefusal("providers.test");
  const mayWrite = useRefusal("providers.write");
  const { host_key: hostKey, pinned_at: pinnedAt } = provider.status;
  return (
    <Page
      title={name}
      about={
        <>
          {addressOf(provider)} · version {provider.version}, changed <RelativeTime at={provider.updated_at} /> by{" "}
          {provider.updated_by}
        </>
      }
      actions={
        <>
          <ButtonLink to="/runs" search={{ provider: name }} variant="default">
            Its runs
          </ButtonLink>
          <DeedButton
            leftSection={<PlugZap size={16} aria-hidden />}
            refusal={mayTest}
            loading={test.isPending}
            onClick={() => test.mutate()}
          >
            Test
          </DeedButton>
        </>
      }
    >
      {test.isIdle || test.isPending ? null : (
        <Alert
          color={test.data?.data?.ok ? "teal" : "red"}
          title={test.data?.data?.ok ? "It answers" : "It does not answer"}
        >
          <TestReport report={test.data?.data} error={test.error} />
        </Alert>
      )}
      <GoneAlert gone={provider.gone} />
      {hostKey == null ? null : (
        <Text size="sm">
          Host key:{" "}
          <span style={{ fontFamily: "var(--mantine-font-family-monospace)", overflowWrap: "anywhere" }}>
            {hostKey}
          </span>
          {pinnedAt == null ? null : (
            <>
              , pinned <RelativeTime at={pinnedAt} />
            </>
          )}
        </Text>
      )}
      <Card withBorder>
        <ProviderForm
          key={provider.version}
          before={provider}
          initial={draftOf(provider)}
          deed="Save"
          onSaved={() => notifications.show({ color: "teal", message: `${name} is saved.` })}
        />
      </Card>
      <VersionList kind="providers" name={name} current={provider.version} />
      <Stack align="flex-start">
        <DeedButton
          variant="light"
          color="red"
          leftSection={<Trash2 size={16} aria-hidden />}
          refusal={mayWrite}
          onClick={() =>
            askFirst({
              title: `Delete ${name}?`,
              text: "Actions that name it are refused from then on. Its versions stay, and can be restored.",
              deed: "Delete it",
              onDo: async () => {
                await remove.mutateAsync();
                await navigate({ to: "/providers" });
                notifications.show({
                  message: (
                    <>
                      {name} is deleted. <Anchor href={`/providers/${name}/versions`}>Have it back</Anchor>
                    </>
                  ),
                });
              },
            })
          }
        >
          Delete the provider
        </DeedButton>
      </Stack>
    </Page>
  );
}
