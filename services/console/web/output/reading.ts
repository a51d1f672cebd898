import { client } from "../api/client";
import type { Selection } from "./shown";
import type { OutputStore } from "./store";

const PAGE = 200;
const LOOK_EVERY = 1_000;

/** Read all output that is stored now into a store; the id of its last piece. */
export async function readStored(
  runId: string,
  store: OutputStore,
  selection: Selection,
  signal: AbortSignal,
  after?: string,
): Promise<string | undefined> {
  let last = after;
  let cursor: string | undefined;
  do {
    const query = { ...selection, limit: PAGE, ...(cursor === undefined ? { from: last } : { cursor }) };
    const { data } = await client.GET("/api/v1/runs/{run_id}/output", {
      params: { path: { run_id: runId }, query },
      headers: { Accept: "application/json" },
      signal,
    });
    const page = typeof data === "object" ? data : { items: [], next: null };
    store.append(page.items);
    last = page.items.at(-1)?.id ?? last;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return last;
}

/** Read what the stream of a run does not carry, the output of one provider of many, again and again until `isOver`. */
export async function readWhileUnderWay(
  runId: string,
  store: OutputStore,
  selection: Selection,
  signal: AbortSignal,
  isOver: () => boolean,
): Promise<void> {
  let last: string | undefined;
  for (;;) {
    // Looked at before the reading: what is printed between the two is read, too.
    const wasOver = isOver();
    last = await readStored(runId, store, selection, signal, last);
    if (wasOver || signal.aborted) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}
