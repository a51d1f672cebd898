import type { Source } from "./lines";
import type { OutputStore } from "./store";

/** Whose output is shown; everything where nothing is said. */
export interface Selection {
  step?: string | undefined;
  attempt?: number | undefined;
  provider?: string | undefined;
}

function isSelected(source: Source, { step, attempt, provider }: Selection): boolean {
  return (
    (step === undefined || source.step === step) &&
    (attempt === undefined || source.attempt === attempt) &&
    (provider === undefined || source.provider === provider)
  );
}

/** The places of the lines that a selection leaves, read on from where it was with each look. */
export class Shown {
  readonly places: number[] = [];
  private readonly providers = new Set<string>();
  private seen = 0;

  constructor(
    private readonly store: OutputStore,
    private readonly selection: Selection,
  ) {}

  /** That lines of more than one provider stand among each other, so that each has to say whose it is. */
  get isMixed(): boolean {
    return this.providers.size > 1;
  }

  readOn(): void {
    const lines = this.store.all;
    for (; this.seen < lines.length; this.seen++) {
      const line = lines[this.seen];
      if (line !== undefined && isSelected(line.source, this.selection)) {
        this.places.push(this.seen);
        this.providers.add(line.source.provider);
      }
    }
  }
}

/** Which of the shown lines have a text in them, in any case; lines that came later are looked through alone. */
export class Found {
  /** Numbers of shown lines, from 0, in order. */
  readonly rows: number[] = [];
  private seen = 0;
  private readonly wanted: string;

  constructor(
    private readonly store: OutputStore,
    private readonly shown: Shown,
    text: string,
  ) {
    this.wanted = text.toLowerCase();
  }

  readOn(): void {
    const { places } = this.shown;
    while ((this.rows.at(-1) ?? -1) >= this.seen) {
      this.rows.pop();
    }
    let whole = this.seen;
    for (let row = this.seen; row < places.length; row++) {
      const place = places[row] ?? 0;
      if (place < this.store.whole) {
        whole = row + 1;
      }
      if (this.wanted !== "" && this.store.all[place]?.plain.toLowerCase().includes(this.wanted)) {
        this.rows.push(row);
      }
    }
    this.seen = whole;
  }
}
