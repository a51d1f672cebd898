import { useSyncExternalStore } from "react";

/** A clock that all of a page share, so that what it says agrees; it stands still where nobody looks. */
class Ticker {
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
    // Whoever begins to look after a while must not see the time at which the last one went.
    if (this.timer === undefined) {
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

const slow = new Ticker(10_000);
const quick = new Ticker(500);

/** The time now, anew every ten seconds; twice a second where `isTicking`. */
export function useNow(isTicking = false): Date {
  const ticker = isTicking ? quick : slow;
  return new Date(useSyncExternalStore(ticker.subscribe, ticker.read));
}
