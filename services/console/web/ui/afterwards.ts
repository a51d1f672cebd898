/** In milliseconds: a first page that people wait for does without what it does not show. */
const AFTER = 2_000;

/**
 * Fetch a part that the page does not show yet, once the page stands, and again where the server is away; the answer ends
 * that. Nobody has missed it yet, so nothing is said, and nothing that is typed is lost for it.
 */
export function afterwards(fetchIt: () => Promise<unknown>): () => void {
  let timer = setTimeout(attempt, AFTER);
  let isOver = false;
  async function attempt() {
    try {
      await fetchIt();
    } catch {
      timer = isOver ? timer : setTimeout(attempt, AFTER);
    }
  }
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
