import type { components } from "../../types/api";

type ProblemBody = components["schemas"]["Problem"];
export type FieldError = components["schemas"]["FieldError"];

/** What a status means to a person; the server's own title is the phrase that HTTP has for it. */
const TITLES: Readonly<Record<number, string>> = {
  400: "The server does not understand this",
  401: "Sign in first",
  403: "This is not allowed",
  404: "It is not there",
  409: "It cannot be done as things are",
  412: "Somebody else has changed it meanwhile",
  413: "It is too large",
  422: "Something has to be different",
  429: "Too many requests",
  500: "The server has made a mistake",
  503: "The server cannot do it just now",
};

/** Why a request has no answer to show: what the server said, or that it did not answer. */
export class Problem extends Error {
  /** Of the answer; 0 where there was none. */
  readonly status: number;
  readonly title: string;
  readonly errors: readonly FieldError[];

  constructor({ status, title, detail, errors = [] }: Omit<ProblemBody, "type" | "errors"> & Partial<ProblemBody>) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.title = TITLES[status] ?? title;
    this.errors = errors;
  }

  /** That the same request may well succeed in a moment. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Of an answer that is no success, also where its body is not the server's own. */
export async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  if (isProblemBody(body)) {
    return new Problem(body);
  }
  const title = response.statusText || "No proper answer";
  return new Problem({
    status: response.status,
    title,
    detail: `${response.status} ${title}: the answer is not the product's own; something between may have given it.`,
  });
}

export function noAnswer(): Problem {
  return new Problem({
    status: 0,
    title: "No answer",
    detail: "The server does not answer. It may be restarting, or the connection may be gone.",
  });
}

/** What a thrown thing is to a page. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) {
    return error;
  }
  const detail = error instanceof Error ? error.message : String(error);
  return new Problem({ status: -1, title: "The page has an error", detail });
}

function isProblemBody(body: unknown): body is ProblemBody {
  return typeof body === "object" && body !== null && "detail" in body && "status" in body && "title" in body;
}
