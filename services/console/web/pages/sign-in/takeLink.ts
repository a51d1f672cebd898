/** What the sign-in link carries, taken out of the address so that it stays in no history; null where it is no link. */
export function takeLink(): string | null {
  const link = new URLSearchParams(window.location.hash.slice(1)).get("link");
  if (link !== null) {
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
  }
  return link;
}
