import { useSyncExternalStore } from "react";
import { Ticker } from "./Ticker";

const slow = new Ticker(10_000);
const quick = new Ticker(500);

/** The time now, anew every ten seconds; twice a second where `isTicking`. */
export function useNow(isTicking = false): Date {
  const ticker = isTicking ? quick : slow;
  return new Date(useSyncExternalStore(ticker.subscribe, ticker.read));
}
