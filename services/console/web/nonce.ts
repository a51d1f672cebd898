import { setNonce } from "get-nonce";

/** What the server lets style elements be made with, given to this page alone. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
setNonce(nonce);
