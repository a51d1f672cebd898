/** In milliseconds: a first page that people wait for does without what it does not show. */
const AFTER = 2_000;

/** Fetch a part that the page does not show yet, once the page stands; the answer keeps it from being fetched. */
export function afterwards(fetchIt: () => Promise<unknown>): () => void {
  // Where it cannot be fetched, the page is loaded again once the server is back (main.tsx).
  const timer = setTimeout(() => void fetchIt().catch(() => undefined), AFTER);
  return () => clearTimeout(timer);
}
