import { z } from "zod/mini";
import type { Provider, ProviderBody } from "../../nouns/provider/queries";

/** What a person types of a provider; every field a text, and of secrets their names. */
export const PROVIDER_DRAFT = z.object({
  name: z.string(),
  description: z.string(),
  way: z.enum(["ssh", "local"]),
  host: z.string(),
  port: z.string(),
  user: z.string(),
  privateKey: z.string(),
  passphrase: z.string(),
  password: z.string(),
  hostKey: z.string(),
  jump: z.string(),
  labels: z.array(z.string()),
  pool: z.string(),
});
export type ProviderDraft = z.infer<typeof PROVIDER_DRAFT>;

export const EMPTY_DRAFT: ProviderDraft = {
  name: "",
  description: "",
  way: "ssh",
  host: "",
  port: "22",
  user: "",
  privateKey: "",
  passphrase: "",
  password: "",
  hostKey: "",
  jump: "",
  labels: [],
  pool: "default",
};

export function draftOf({ name, description, connection, labels, pool }: Provider): ProviderDraft {
  const { ssh } = connection;
  return {
    ...EMPTY_DRAFT,
    name,
    description,
    pool,
    labels: Object.entries(labels).map(([label, value]) => `${label}=${value}`),
    ...(ssh == null
      ? { way: "local" as const }
      : {
          host: ssh.host,
          port: String(ssh.port),
          user: ssh.user,
          privateKey: ssh.private_key?.secret ?? "",
          passphrase: ssh.passphrase?.secret ?? "",
          password: ssh.password?.secret ?? "",
          hostKey: ssh.host_key ?? "",
          jump: ssh.jump ?? "",
        }),
  };
}

/** The request that a draft asks for; what the form has no field for stays as `before` has it. */
export function bodyOf(draft: ProviderDraft, before: Provider | null): ProviderBody {
  const { name, description, pool, labels } = draft;
  const common = {
    kind: "provider" as const,
    name: name.trim(),
    description,
    pool: pool.trim(),
    labels: labelsOf(labels),
  };
  if (draft.way === "local") {
    return { ...common, connection: { local: {} } };
  }
  const secret = (text: string) => (text === "" ? null : { secret: text });
  return {
    ...common,
    connection: {
      ssh: {
        ...before?.connection.ssh,
        host: draft.host.trim(),
        // A port that is no number is the server's to refuse, with its own words.
        port: Number(draft.port),
        user: draft.user.trim(),
        private_key: secret(draft.privateKey),
        passphrase: secret(draft.passphrase),
        password: secret(draft.password),
        host_key: draft.hostKey.trim() || null,
        jump: draft.jump.trim() || null,
      },
    },
  };
}

/** Labels of texts as `role=web`; one without a `=` has an empty value. */
function labelsOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      return at < 0 ? [text.trim(), ""] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
    }),
  );
}
