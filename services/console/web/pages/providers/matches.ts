import { addressOf } from "../../nouns/provider/address";
import type { Provider } from "../../nouns/provider/queries";

type Known = Pick<Provider, "name" | "description" | "connection" | "labels" | "pool">;

/** Whether every word is somewhere in what is known of a provider, in any case. */
export function matches(provider: Known, text: string): boolean {
  const labels = Object.entries(provider.labels).map(([name, value]) => `${name}=${value}`);
  const known = [provider.name, provider.description, addressOf(provider), provider.pool, ...labels];
  const all = known.join("\n").toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
