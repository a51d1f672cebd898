import { expect, test } from "vitest";
import { EventStream, type StreamMessage } from "./stream";

/** A server that answers each connection by the next of these, and remembers what it was asked. */
function serverOf(...answers: (string | number | "no answer")[]) {
  const asked: (string | null)[] = [];
  const messages: StreamMessage[] = [];
  const states: string[] = [];
  const waits: number[] = [];
  const stream = new EventStream(
    "/events",
    {
      onMessages: (came) => messages.push(...came),
      onState: (state, why) => states.push(why === null ? state : `${state} ${why.status}`),
    },
    {
      fetch: async (_, { headers }) => {
        asked.push(new Headers(headers).get("Last-Event-ID"));
        const answer = answers.shift() ?? 404;
        if (answer === "no answer") {
          throw new TypeError("Failed to fetch");
        }
        return typeof answer === "number" ? new Response("", { status: answer }) : new Response(bodyOf(answer));
      },
      random: () => 1,
      // The long wait is for a silence, of which there is none here.
      wait: (milliseconds, signal) => {
        if (milliseconds > 10_000) {
          return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
        }
        waits.push(milliseconds);
        return Promise.resolve();
      },
    },
  );
  return { stream, asked, messages, states, waits };
}

/** The text in pieces of seven bytes, as a network may cut it. */
function bodyOf(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 7) {
        controller.enqueue(bytes.slice(at, at + 7));
      }
      controller.close();
    },
  });
}

const event = (id: string, data: string, name = "output") => `event: ${name}\ndata: ${data}\nid: ${id}\n\n`;

test("a stream that is cut goes on after the last event that was whole", async () => {
  const server = serverOf(
    `${event("1", "a")}${event("2", "ü")}event: output\ndata: ha`,
    event("3", "b") + event("4", "c", "end"),
  );
  await server.stream.run();
  expect(server.messages.map(({ data }) => data)).toEqual(["a", "ü", "b", "c"]);
  expect(server.asked).toEqual([null, "2"]);
  expect(server.states).toEqual(["connecting", "live", "lost", "connecting", "live", "ended"]);
});

test("a server that is away is asked again, ever later, and soon again once it was there", async () => {
  const server = serverOf(503, "no answer", 502, 503, 503, event("1", "a"), event("2", "b", "end"));
  await server.stream.run();
  expect(server.messages.map(({ data }) => data)).toEqual(["a", "b"]);
  expect(server.waits).toEqual([600, 1200, 2400, 3000, 3000, 300]);
  expect(server.states.filter((state) => state.startsWith("lost"))).toEqual([
    "lost 503",
    "lost 0",
    "lost 502",
    "lost 503",
    "lost 503",
    "lost",
  ]);
});

test.each([401, 403, 404, 422])("an answer of %d is the last one", async (status) => {
  const server = serverOf(status, event("1", "a", "end"));
  await server.stream.run();
  expect(server.asked).toHaveLength(1);
  expect(server.states).toEqual(["connecting", `lost ${status}`]);
});

test("what is closed is not asked again", async () => {
  const server = serverOf(event("1", "a"), event("2", "b", "end"));
  server.stream.close();
  await server.stream.run();
  expect(server.asked).toEqual([]);
});

test("what sleeps lets go of its connection, and goes on where it was", async () => {
  const server = serverOf(event("1", "a"), event("2", "b", "end"));
  server.stream.sleep();
  const over = server.stream.run();
  await Promise.resolve();
  expect([server.asked, server.states]).toEqual([[], ["asleep"]]);
  server.stream.rouse();
  await over;
  expect(server.messages.map(({ data }) => data)).toEqual(["a", "b"]);
});
