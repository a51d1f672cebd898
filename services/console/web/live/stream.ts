import { createParser } from "eventsource-parser";
import { asProblem, noAnswer, type Problem, problemOf } from "../api/problem";

export interface StreamMessage {
  id: string | undefined;
  event: string;
  data: string;
}

export type StreamState = "connecting" | "live" | "lost" | "asleep" | "ended";

interface StreamListener {
  /** Messages that came together, in order. */
  onMessages(messages: StreamMessage[]): void;
  /** `why` says what kept a stream that is lost. */
  onState(state: StreamState, why: Problem | null): void;
}

/** What a stream needs of the world; a test hands in its own. */
export interface StreamWorld {
  fetch(url: string, init: RequestInit): Promise<Response>;
  random(): number;
  /** Resolves after so many milliseconds, or as soon as the signal is aborted. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 3_000;
/** A server that says nothing for so long is not there any more: it sends a comment every fifteen seconds. */
const LONGEST_SILENCE = 40_000;
/** A `Last-Event-ID` that is no event of this run, a run that is gone, a person who is out: to ask again helps nobody. */
const FINAL = new Set([400, 401, 403, 404, 422]);

const browser: StreamWorld = {
  fetch: (url, init) => fetch(url, init),
  random: Math.random,
  wait: (milliseconds, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

/**
 * Follow server-sent events to their end, over any number of connections, each event once.
 *
 * It reads with `fetch`, as a browser's own EventSource gives up for good at an answer of 503, which a restart behind a
 * proxy gives, and cannot go on after an event that an earlier one has seen. It sleeps while the tab is hidden, as a
 * browser has six connections for all tabs. `end` is the event after which nothing comes.
 */
export class EventStream {
  private lastId: string | undefined;
  private connection = new AbortController();
  private readonly closed = new AbortController();
  private isAsleep = false;
  private wake: () => void = () => {};

  constructor(
    private readonly url: string,
    private readonly listener: StreamListener,
    private readonly world: StreamWorld = browser,
  ) {}

  /** Follow until the end, or until `close`. */
  async run(): Promise<void> {
    let pause = FIRST_PAUSE;
    while (!this.closed.signal.aborted) {
      if (this.isAsleep) {
        this.listener.onState("asleep", null);
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
        continue;
      }
      this.connection = new AbortController();
      const result = await this.connect();
      if (this.closed.signal.aborted || result === "ended") {
        return;
      }
      if (this.isAsleep) {
        continue;
      }
      if (result instanceof Error) {
        this.listener.onState("lost", result);
        if (FINAL.has(result.status)) {
          return;
        }
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      } else {
        this.listener.onState("lost", null);
        pause = FIRST_PAUSE;
      }
      await this.world.wait(pause * (0.5 + this.world.random() / 2), this.connection.signal);
    }
  }

  /** Let the connection go, as nobody looks; `rouse` goes on after the last event that was seen. */
  sleep(): void {
    this.isAsleep = true;
    this.connection.abort();
  }

  /** Go on after a sleep, or try again at once. */
  rouse(): void {
    this.isAsleep = false;
    this.connection.abort();
    this.wake();
  }

  /** Let go of it for good. */
  close(): void {
    this.closed.abort();
    this.connection.abort();
    this.wake();
  }

  /** One connection; what it came to: `ended` for good, `cut` after events, or why there is none. */
  private async connect(): Promise<"ended" | "cut" | Problem> {
    const { signal } = this.connection;
    this.listener.onState("connecting", null);
    try {
      const headers = { Accept: "text/event-stream", ...(this.lastId && { "Last-Event-ID": this.lastId }) };
      const asked = this.world.fetch(this.url, { headers, signal, credentials: "same-origin", cache: "no-store" });
      // The browser says why in words of its own, and each in others.
      const response = await asked.catch(() => Promise.reject(noAnswer()));
      if (!response.ok || response.body === null) {
        return await problemOf(response);
      }
      this.listener.onState("live", null);
      return await this.read(response.body);
    } catch (error) {
      return signal.aborted ? "cut" : asProblem(error);
    }
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<"ended" | "cut"> {
    let came: StreamMessage[] = [];
    const parser = createParser({
      onEvent: ({ id, event, data }) => came.push({ id, event: event ?? "message", data }),
    });
    const reader = body.getReader();
    const decoder = new TextDecoder();
    const { signal } = this.connection;
    signal.addEventListener("abort", () => void reader.cancel().catch(() => {}));
    for (;;) {
      const silence = new AbortController();
      const piece = await Promise.race([
        reader.read().catch(() => null),
        this.world.wait(LONGEST_SILENCE, AbortSignal.any([silence.signal, signal])).then(() => null),
      ]);
      silence.abort();
      if (piece === null || piece.done || signal.aborted) {
        void reader.cancel().catch(() => {});
        return "cut";
      }
      parser.feed(decoder.decode(piece.value, { stream: true }));
      if (came.length > 0) {
        const messages = came;
        came = [];
        // What is told is what was seen: a connection that is cut here goes on after exactly this.
        this.lastId = messages.findLast((message) => message.id !== undefined)?.id ?? this.lastId;
        this.listener.onMessages(messages);
        if (messages.some((message) => message.event === "end")) {
          this.listener.onState("ended", null);
          return "ended";
        }
      }
    }
  }
}

/** Let the stream sleep while its tab is hidden; the answer lets go of the stream and of the tab. */
export function sleepWhileHidden(stream: EventStream): () => void {
  const look = () => (document.hidden ? stream.sleep() : stream.rouse());
  const online = () => stream.rouse();
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", online);
  if (document.hidden) {
    stream.sleep();
  }
  return () => {
    document.removeEventListener("visibilitychange", look);
    window.removeEventListener("online", online);
    stream.close();
  };
}
