import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Ticker } from "./Ticker";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("whoever looks between two ticks sees what has happened since as what is over", () => {
  const ticker = new Ticker(10_000);
  ticker.subscribe(() => undefined);
  vi.advanceTimersByTime(9_000);
  expect(ticker.read()).toBe(Date.now());
});

test("those who look are told at each tick, and no more once they have gone", () => {
  const ticker = new Ticker(10_000);
  const listener = vi.fn();
  const leave = ticker.subscribe(listener);
  vi.advanceTimersByTime(20_000);
  expect(listener).toHaveBeenCalledTimes(2);
  leave();
  vi.advanceTimersByTime(20_000);
  expect(listener).toHaveBeenCalledTimes(2);
  expect(vi.getTimerCount()).toBe(0);
});
