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
  return (
    <Page title={status === 404 ? "There is no such thing" : "This page could not be shown"}>
      <ProblemAlert error={error} onRetry={retry} />
      <TextLink to="/runs">To the execution history</TextLink>
    </Page>
  );
}

export function DefaultNotFoundPage() {
  return (
    <Container py="xl">
      <Page title="There is no such page">
        <EmptyState title="The address names no page of the console.">
          <TextLink to="/">To the dashboard</TextLink>
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
