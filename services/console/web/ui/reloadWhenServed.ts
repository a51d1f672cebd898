const EVERY = 3_000;

let reloading: Promise<never> | undefined;

/**
 * Load this page anew as soon as the server has it. A part of it is missing: the server is away, or has other pages by now
 * and what this one is made of is gone. To reload while it is away would leave nothing that could look again.
 */
export function reloadWhenServed(): Promise<never> {
  reloading ??= reload();
  return reloading;
}

async function reload(): Promise<never> {
  while (!(await isServed())) {
    await new Promise((go) => setTimeout(go, EVERY));
  }
  window.location.reload();
  return new Promise(() => {}); // nothing of this page is shown any more
}

async function isServed(): Promise<boolean> {
  try {
    return (await fetch(window.location.pathname, { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}
