import { expect, test } from "vitest";
import type { Provider } from "../../nouns/provider/queries";
import { bodyOf, draftOf, EMPTY_DRAFT } from "./draft";

const provider: Provider = {
  kind: "provider",
  name: "web-1",
  description: "Behind the balancer",
  connection: {
    ssh: {
      host: "10.0.0.11",
      port: 2222,
      user: "deploy",
      private_key: { secret: "web-1-key" },
      host_ca: "ssh-ed25519 AAAA",
      certificate: { secret: "web-1-certificate" },
    },
  },
  labels: { role: "web", note: "a=b" },
  pool: "dmz",
  status: { host_key: null, pinned_at: null },
  version: 3,
  uid: "01KB0V5W3Y3Q9M1QK5M6Y9T2XR",
  created_at: "2026-05-01T12:00:00Z",
  updated_at: "2026-05-01T12:00:00Z",
  updated_by: "ann",
  file_set: "",
  gone: [],
  warnings: [],
};

test("a provider that is saved as it was read keeps all of it", () => {
  const body = bodyOf(draftOf(provider), provider);
  expect(body.labels).toEqual(provider.labels);
  expect(body.connection.ssh).toMatchObject(provider.connection.ssh ?? {});
  expect([body.name, body.description, body.pool]).toEqual(["web-1", "Behind the balancer", "dmz"]);
});

test("the executor's own machine takes no address", () => {
  expect(bodyOf({ ...EMPTY_DRAFT, name: "here", way: "local" }, null).connection).toEqual({ local: {} });
});

test("what is left out is none, and spaces around are nobody's", () => {
  const draft = { ...EMPTY_DRAFT, name: " db-1 ", host: " db.example ", user: "root", labels: ["role=db", "old"] };
  expect(bodyOf(draft, null)).toMatchObject({
    name: "db-1",
    labels: { role: "db", old: "" },
    connection: { ssh: { host: "db.example", port: 22, user: "root", private_key: null, host_key: null, jump: null } },
  });
});
