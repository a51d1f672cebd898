/** Names a request, so that one that is sent again, as its answer was lost, is done once; another one has another name. */
export class RequestKey {
  private sent = "";
  private key = "";

  /** For `Idempotency-Key`. */
  of(request: unknown): string {
    const text = JSON.stringify(request);
    if (text !== this.sent || this.key === "") {
      this.sent = text;
      // Not crypto.randomUUID, which a page has only over https and on this machine.
      this.key = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
        byte.toString(16).padStart(2, "0"),
      ).join("");
    }
    return this.key;
  }

  /** What was asked for is done: the same request once more is another one. */
  forget(): void {
    this.sent = "";
    this.key = "";
  }
}
