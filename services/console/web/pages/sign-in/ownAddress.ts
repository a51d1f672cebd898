/** Where to go on after a sign-in: `next` where it is a page of this console, else its first page. */
export function ownAddress(next: string | undefined, origin: string): string {
  if (next === undefined || !next.startsWith("/")) {
    return "/";
  }
  const url = URL.parse(next, origin);
  return url?.origin === origin ? url.pathname + url.search + url.hash : "/";
}
