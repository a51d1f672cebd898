const BEFORE = "opsimate-draft ";
const DAYS = 7;

/** What somebody wrote in a form and has not saved. */
export interface KeptDraft {
  /** As JSON has it. */
  definition: object;
  /** The text, where it was written as one and says nothing yet. */
  text: string | null;
  /** The version that it began with; null for something new. */
  version: number | null;
  /** When it was written, in milliseconds since 1970. */
  at: number;
}

/** Keeps in this browser what a person has written in one form; of others it says nothing. */
export class DraftKeeper {
  private readonly key: string;

  constructor(
    person: string,
    form: string,
    private readonly storage: Storage = window.localStorage,
  ) {
    this.key = `${BEFORE}${person} ${form}`;
  }

  /** What was kept; nothing where that is none, or too old to be what somebody waits for. */
  read(now: number): KeptDraft | null {
    const kept = draftIn(this.storage.getItem(this.key));
    return kept !== null && now - kept.at < DAYS * 86_400_000 ? kept : null;
  }

  /** Whether it is kept: a browser may have no room, or be told to keep nothing. */
  keep(draft: KeptDraft): boolean {
    try {
      this.storage.setItem(this.key, JSON.stringify(draft));
      return true;
    } catch {
      return false;
    }
  }

  /** Whether anything is kept: every tab of this browser writes to the same place. */
  isThere(): boolean {
    return this.storage.getItem(this.key) !== null;
  }

  forget(): void {
    this.storage.removeItem(this.key);
  }
}

/** Nothing that somebody wrote stays in a browser that they have signed out of. */
export function forgetAllDrafts(storage: Storage = window.localStorage): void {
  for (const key of Object.keys(storage)) {
    if (key.startsWith(BEFORE)) {
      storage.removeItem(key);
    }
  }
}

function draftIn(text: string | null): KeptDraft | null {
  const found: unknown = text === null ? null : parsed(text);
  return isDraft(found) ? found : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isDraft(found: unknown): found is KeptDraft {
  if (typeof found !== "object" || found === null) {
    return false;
  }
  const { definition, text, version, at } = found as Record<keyof KeptDraft, unknown>;
  return (
    typeof definition === "object" &&
    definition !== null &&
    !Array.isArray(definition) &&
    (text === null || typeof text === "string") &&
    (version === null || typeof version === "number") &&
    typeof at === "number"
  );
}
