import { Button, Card, Center, Code, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { asProblem } from "../../api/problem";
import { sessionQuery, useSignIn } from "../../nouns/session/queries";
import { TextLink } from "../../ui/links";
import { ownAddress } from "./ownAddress";
import { takeLink } from "./takeLink";

const route = getRouteApi("/sign-in");

/** Takes a token, or what a sign-in link carries, and goes on to where the person wanted to be. */
export function SignInPage() {
  const { next, ended } = route.useSearch();
  const router = useRouter();
  const signIn = useSignIn();
  const queries = useQueryClient();
  const [token, setToken] = useState("");
  const [person, setPerson] = useState<string | null>(null);
  const goOn = { onSuccess: () => router.history.replace(ownAddress(next, window.location.origin)) };

  // biome-ignore lint/correctness/useExhaustiveDependencies: a link is used once, when the page opens
  useEffect(() => {
    document.title = "Sign in · OpsiMate Actions";
    const link = takeLink();
    if (link !== null) {
      // Whoever opens a link twice may be signed in by the first time.
      const look = () =>
        queries.fetchQuery(sessionQuery).then(
          ({ name }) => setPerson(name),
          () => undefined,
        );
      signIn.mutate({ link }, { ...goOn, onError: () => void look() });
    }
  }, []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ token: token.trim() }, goOn);
  };
  return (
    <Center mih="100vh" p="md" component="main">
      <Card withBorder w={420} maw="100%" p="lg" component="form" onSubmit={submit}>
        <Stack>
          <Title order={1} size="h3">
            Sign in to OpsiMate Actions
          </Title>
          {ended === true ? (
            <Text size="sm" role="status">
              Your session has ended. Sign in, and you are back where you were; what you had typed is kept, but for
              secrets.
            </Text>
          ) : null}
          {person === null ? null : (
            <Text size="sm" role="status">
              You are signed in as {person}:{" "}
              <TextLink to="/" size="sm" underline="always">
                to the console
              </TextLink>
            </Text>
          )}
          <PasswordInput
            label="Token"
            description={
              <>
                As it was shown when it was made. <Code>opsimate console</Code> prints a link that signs in without.
              </>
            }
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            error={signIn.isError ? asProblem(signIn.error).message : null}
            autoComplete="current-password"
            data-autofocus
            autoFocus
          />
          <Button type="submit" loading={signIn.isPending} disabled={token.trim() === ""}>
            Sign in
          </Button>
          <Text size="xs" c="dimmed">
            The browser keeps a session, never the token.
          </Text>
        </Stack>
      </Card>
    </Center>
  );
}
