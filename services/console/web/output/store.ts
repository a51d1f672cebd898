import { type Line, Lines, type OutputItem } from "./lines";

const FLUSH_EVERY = 120;

/**
 * The output of a run, outside of React: it takes pieces as fast as they come, and tells of them at most eight times
 * a second.
 */
export class OutputStore {
  private readonly lines = new Lines();
  private readonly newest = new Map<string, number>();
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private version = 0;

  get all(): readonly Line[] {
    return this.lines.all;
  }

  /** How many lines, from the first, will never change. */
  get whole(): number {
    return this.lines.whole;
  }

  /** Take the next pieces, each attempt's in their order; one that was taken before is left out. */
  append(items: readonly OutputItem[]): void {
    for (const item of items) {
      const attempt = item.id.slice(0, item.id.lastIndexOf("."));
      if (item.seq > (this.newest.get(attempt) ?? 0)) {
        this.newest.set(attempt, item.seq);
        this.lines.append(item);
      }
    }
    this.timer ??= setTimeout(this.tell, FLUSH_EVERY);
  }

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  /** Another number once there is more to see. */
  readonly read = () => this.version;

  private readonly tell = () => {
    this.timer = undefined;
    this.version += 1;
    for (const listener of this.listeners) {
      listener();
    }
  };
}
