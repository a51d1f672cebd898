import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { afterwards } from "./afterwards";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a part that is not shown yet is fetched after the page, and again while the server is away", async () => {
  const fetchIt = vi.fn().mockRejectedValueOnce(new Error("away")).mockResolvedValue(null);
  afterwards(fetchIt);
  expect(fetchIt).toHaveBeenCalledTimes(0);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(fetchIt).toHaveBeenCalledTimes(2);
});

test("it is fetched no more once nobody waits for it", async () => {
  const fetchIt = vi.fn().mockRejectedValue(new Error("away"));
  const stop = afterwards(fetchIt);
  await vi.advanceTimersByTimeAsync(3_000);
  stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(fetchIt).toHaveBeenCalledTimes(1);
});
