import { expect, test } from "vitest";
import { senderTexts, verifyText } from "./senderTexts";

const AT = "https://ops.example";
const ADDRESS = `${AT}/webhooks/generic/kuma`;

test.each([
  [{}, [ADDRESS, "Authorization: Bearer TOKEN"], "by a token of ours"],
  [{ token: { secrets: ["a", "b"] } }, [ADDRESS, "Authorization: Bearer SECRET"], "by a token of its own: a or b"],
  [{ token: { secrets: ["a"], header: "X-T" } }, [ADDRESS, "X-T: SECRET"], "by a token of its own: a"],
  [{ token: { secrets: ["a"], query: "t" } }, [`${ADDRESS}?t=SECRET`], "by a token of its own: a"],
  [{ basic: { user: "ann", secrets: ["a"] } }, [ADDRESS, "ann", "SECRET"], "by HTTP Basic as ann: a"],
  [
    { hmac: { secrets: ["a"], header: "X-S", timestamp_header: "X-Time" } },
    [ADDRESS, "X-S", "X-Time", "SECRET"],
    "by a signature: a",
  ],
  [{ sns: { topics: ["arn"] } }, [ADDRESS], "by Amazon's signature: arn"],
])("what is set up at a sender that is verified by %j", (verify, texts, words) => {
  const integration = { name: "kuma", source: "generic", verify };
  expect(senderTexts(integration, AT).map(({ text }) => text)).toEqual(texts);
  expect(verifyText(integration)).toBe(words);
});
