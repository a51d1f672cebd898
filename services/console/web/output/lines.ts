import type { Schemas } from "../api/client";
import { plainText } from "./ansi";

export type OutputItem = Schemas["OutputItem"];

/** Whose lines they are; one object for all lines of an attempt and stream. */
export interface Source {
  step: string;
  attempt: number;
  provider: string;
  stream: OutputItem["stream"];
}

export interface Line {
  source: Source;
  at: string;
  /** As it was printed, with what colours it. */
  text: string;
  /** What is seen of it, and found. */
  plain: string;
}

interface OpenLine {
  index: number;
  text: string;
}

/**
 * Lines out of the pieces of an output: each piece goes on where the last one of its source ended, so that lines of two
 * sources never run into each other.
 */
export class Lines {
  readonly all: Line[] = [];
  private readonly sources = new Map<string, Source>();
  private readonly open = new Map<Source, OpenLine>();

  /** How many lines, from the first, are whole and will never change. */
  get whole(): number {
    let first = this.all.length;
    for (const { index } of this.open.values()) {
      first = Math.min(first, index);
    }
    return first;
  }

  append(item: OutputItem): void {
    const source = this.sourceOf(item);
    const pieces = item.text.split("\n");
    const before = this.open.get(source);
    this.open.delete(source);
    let index = before?.index;
    pieces[0] = (before?.text ?? "") + pieces[0];
    const last = pieces.length - 1;
    pieces.forEach((text, at) => {
      if (at === last && text === "") {
        return;
      }
      const line = { source, at: item.at, text: shownOf(text), plain: plainText(shownOf(text)) };
      if (index === undefined) {
        this.all.push(line);
      } else {
        this.all[index] = { ...line, at: this.all[index]?.at ?? item.at };
      }
      if (at === last) {
        this.open.set(source, { index: index ?? this.all.length - 1, text });
      }
      index = undefined;
    });
  }

  private sourceOf({ step, attempt, provider, stream }: OutputItem): Source {
    const key = `${step}\n${attempt}\n${provider}\n${stream}`;
    let source = this.sources.get(key);
    if (source === undefined) {
      source = { step, attempt, provider, stream };
      this.sources.set(key, source);
    }
    return source;
  }
}

/** A bar of progress writes its line again and again over the last one: what a terminal would show is the newest. */
function shownOf(text: string): string {
  const end = text.endsWith("\r") ? text.length - 1 : text.length;
  const line = text.slice(0, end);
  return line.slice(line.lastIndexOf("\r") + 1);
}
