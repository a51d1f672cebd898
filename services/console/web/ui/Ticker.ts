/** In milliseconds; so little is told of no instant. */
const STALE = 1_000;

/** A clock that all of a page share, so that what it says agrees; it stands still where nobody looks. */
export class Ticker {
  private readonly listeners = new Set<() => void>();
  private timer: number | undefined;
  now = Date.now();

  constructor(private readonly every: number) {}

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    this.timer ??= window.setInterval(this.tick, this.every);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) {
        window.clearInterval(this.timer);
        this.timer = undefined;
      }
    };
  };

  readonly read = () => {
    // What has happened since the last tick would be told as what is yet to come: a run that has just begun, "in 9s".
    if (Date.now() - this.now >= STALE) {
      this.now = Date.now();
    }
    return this.now;
  };

  private readonly tick = () => {
    this.now = Date.now();
    for (const listener of this.listeners) {
      listener();
    }
  };
}
