"""Signing in: how often an address may be wrong about it."""

from collections import deque

from shared.lru_cache import LruCache

MOST_FAILURES = 20
WITHIN = 60.0
"""Seconds in which an address may fail so often."""
MOST_ADDRESSES = 1_000


class FailedSignIns:
    """The failures of each address, of which there may only be so many in a minute.

    A secret here has 256 random bits, which nobody guesses at any rate; but the file of the first administrator's token
    may hold one that was made by hand.
    """

    def __init__(self) -> None:
        self._times: LruCache[deque[float]] = LruCache(most=MOST_ADDRESSES)

    def seconds_to_wait(self, address: str, now: float) -> float:
        """Until it may try again; 0 where it may now. ``now`` is in seconds on any clock that nobody sets."""
        times = self._times.get(address)
        if times is None or len(times) < MOST_FAILURES:
            return 0.0
        return max(0.0, times[0] + WITHIN - now)

    def note(self, address: str, now: float) -> None:
        """It tries, which counts as failed while nobody says otherwise: so it cannot try more often at one time."""
        times = self._times.get(address) or deque(maxlen=MOST_FAILURES)
        times.append(now)
        self._times.remember(address, times)

    def take_back(self, address: str) -> None:
        """One of its tries did not fail."""
        if times := self._times.get(address):
            times.pop()
