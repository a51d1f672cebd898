import { asProblem } from "./problem";

/** In milliseconds: what is away for a moment, such as a server that is being restarted, is back on every page this soon. */
const SOON = 3_000;

type Asked = { state: { error: unknown } };

/**
 * How often, in milliseconds, what is shown is asked for anew; where the server was away for a moment, sooner. Without a
 * time it is asked for once.
 */
export function askAgain(every?: number) {
  return ({ state: { error } }: Asked): number | false =>
    error !== null && asProblem(error).isPassing ? Math.min(SOON, every ?? SOON) : (every ?? false);
}
