import { lazyRouteComponent } from "@tanstack/react-router";
import { reloadWhenServed } from "../ui/reloadWhenServed";

/** A page that is fetched when somebody goes there; where the server is away just then, as soon as it is back. */
export function lazyPage<Parts extends Record<string, unknown>, Name extends keyof Parts>(
  load: () => Promise<Parts>,
  name: Name,
) {
  return lazyRouteComponent<Parts, Name>(() => load().catch(reloadWhenServed), name);
}
