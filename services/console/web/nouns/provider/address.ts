import type { Provider } from "./queries";

/** Where a provider is, as ssh writes it; the executor's own machine in words. */
export function addressOf({ connection: { ssh } }: Pick<Provider, "connection">): string {
  if (ssh == null) {
    return "the executor's own machine";
  }
  return `${ssh.user}@${ssh.host}${ssh.port === 22 ? "" : `:${ssh.port}`}`;
}
