import type { Integration } from "./queries";

/** What is set up at the sender. */
export interface SenderText {
  label: string;
  text: string;
}

type Given = Pick<Integration, "name" | "source" | "verify">;

/** Stands for the value of the secret, which nothing shows. */
const SECRET = "SECRET";

/** What to paste on the sender's side, where this is the address of the console. */
export function senderTexts({ name, source, verify }: Given, origin: string): SenderText[] {
  const address = `${origin}/webhooks/${source}/${name}`;
  const { token, basic, hmac, sns } = verify;
  if (token?.query != null) {
    return [{ label: "Address", text: `${address}?${token.query}=${SECRET}` }];
  }
  const shown = { label: "Address", text: address };
  if (token?.header != null) {
    return [shown, { label: "Header", text: `${token.header}: ${SECRET}` }];
  }
  if (basic != null) {
    return [shown, { label: "User", text: basic.user }, { label: "Password", text: SECRET }];
  }
  if (hmac != null) {
    const { header, timestamp_header: time } = hmac;
    return [
      shown,
      ...(header == null ? [] : [{ label: "Header of the signature", text: header }]),
      ...(time == null ? [] : [{ label: "Header of its time", text: time }]),
      { label: "Key that signs", text: SECRET },
    ];
  }
  if (sns != null) {
    return [shown];
  }
  return [shown, { label: "Header", text: `Authorization: Bearer ${token == null ? "TOKEN" : SECRET}` }];
}

/** How its sender is known, in words. */
export function verifyText({ verify: { token, basic, hmac, sns } }: Pick<Integration, "verify">): string {
  const secrets = token?.secrets ?? basic?.secrets ?? hmac?.secrets ?? [];
  const of = secrets.length === 0 ? "" : `: ${secrets.join(" or ")}`;
  if (token != null) {
    return `by a token of its own${of}`;
  }
  if (basic != null) {
    return `by HTTP Basic as ${basic.user}${of}`;
  }
  if (hmac != null) {
    return `by a signature${of}`;
  }
  return sns == null ? "by a token of ours" : `by Amazon's signature: ${sns.topics.join(", ")}`;
}
