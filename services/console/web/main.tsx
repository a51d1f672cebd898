import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@mantine/spotlight/styles.css";
import { MantineProvider } from "@mantine/core";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRouter, RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { askAgain } from "./api/asking";
import { asProblem } from "./api/problem";
import { nonce } from "./nonce";
import { sessionQuery } from "./nouns/session/queries";
import { tree } from "./routes/tree";
import { DefaultErrorPage, DefaultNotFoundPage, DefaultPendingPage } from "./shell/DefaultPages";
import { cssVariables, theme } from "./theme";
import { arrive } from "./ui/arrive";
import { closeDialog } from "./ui/dialog";
import { keepFocus } from "./ui/keepFocus";
import { LaterWindows } from "./ui/LaterWindows";
import "./ui/fields.css";
import "./ui/texts.css";

/** A session ends on its own, too: whoever looked at a page comes back to it after signing in again. */
function signInAgain(error: unknown): void {
  if (asProblem(error).status === 401 && router.state.location.pathname !== "/sign-in") {
    closeDialog();
    const ended = queries.getQueryData(sessionQuery.queryKey) === undefined ? undefined : true;
    void router.navigate({ to: "/sign-in", search: { next: router.state.location.href, ended } });
  }
}

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: signInAgain }),
  mutationCache: new MutationCache({ onError: signInAgain }),
  defaultOptions: {
    queries: {
      // Where a browser takes itself to be offline nothing would be asked, nor said; it may well reach this server.
      networkMode: "always",
      refetchOnReconnect: true,
      refetchInterval: askAgain(),
      staleTime: 5_000,
      retry: (count, error) => count < 2 && asProblem(error).isPassing,
    },
    mutations: { networkMode: "always" },
  },
});

const router = createRouter({
  routeTree: tree,
  context: { queries },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  defaultErrorComponent: DefaultErrorPage,
  defaultNotFoundComponent: DefaultNotFoundPage,
  defaultPendingComponent: DefaultPendingPage,
  defaultPendingMs: 400,
  scrollRestoration: true,
  // What mails and chats hang on an address is no filter, and would be refused as one.
  search: { strict: true },
});

// Another page begins at its beginning; the first one that is opened leaves that to the browser.
router.subscribe("onRendered", ({ fromLocation, pathChanged }) => {
  if (fromLocation !== undefined && pathChanged) {
    arrive();
  }
});

keepFocus(document, () => window.location.pathname);

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

const root = document.getElementById("page");
if (root === null) {
  throw new Error("index.html has no element 'page'");
}
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
        <LaterWindows />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
