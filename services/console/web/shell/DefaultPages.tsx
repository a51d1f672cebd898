import { Center, Container, Loader } from "@mantine/core";
import { useQueryErrorResetBoundary } from "@tanstack/react-query";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { asProblem } from "../api/problem";
import { EmptyState } from "../ui/EmptyState";
import { TextLink } from "../ui/links";
import { Page } from "../ui/Page";
import { ProblemAlert } from "../ui/ProblemAlert";

export function DefaultErrorPage({ error }: ErrorComponentProps) {
  const router = useRouter();
  const { reset } = useQueryErrorResetBoundary();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  const { status } = asProblem(error);
  const match = router.state.matches.at(-1);
  const versioned = status === 404 && match !== undefined ? versionedIn(match) : null;
  return (
    <Page title={status === 404 ? "There is no such thing" : "This page could not be shown"}>
      <ProblemAlert error={error} onRetry={retry} />
      {versioned === null ? null : (
        <TextLink to={`/${versioned.kind}/$name/versions`} params={{ name: versioned.name }}>
          What '{versioned.name}' was, if there ever was one
        </TextLink>
      )}
      <TextLink to="/actions">To the actions</TextLink>
      <TextLink to="/runs">To the execution history</TextLink>
    </Page>
  );
}

/** Which of the definitions that keep their versions an address is about: one that was deleted can be had back. */
function versionedIn({ fullPath, params }: { fullPath: string; params: object }) {
  const kind = (["actions", "providers", "schedules", "maintenance-windows", "channels"] as const).find((one) =>
    fullPath.startsWith(`/${one}/$name`),
  );
  return kind !== undefined && "name" in params ? { kind, name: String(params.name) } : null;
}

export function DefaultNotFoundPage() {
  return (
    <Container py="xl">
      <Page title="There is no such page">
        <EmptyState title="The address names no page of the console.">
          <TextLink to="/">To the dashboard</TextLink>
          <TextLink to="/actions">To the actions</TextLink>
          <TextLink to="/runs">To the execution history</TextLink>
        </EmptyState>
      </Page>
    </Container>
  );
}

export function DefaultPendingPage() {
  return (
    <Center mih={200}>
      <Loader role="status" aria-label="The page is being loaded" />
    </Center>
  );
}
