"""Counters and histograms for busy places: plain numbers, made into metrics only when somebody asks for them.

Those of ``prometheus_client`` take a lock and make a dozen calls for each event, as any thread may count with them.
These are for the event loop's thread alone. Every event gives each label a value, in the order in which they are named.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString


class PlainCounter(Collector):
    """Counts events by the values of its labels."""

    def __init__(self, name: str, documentation: str, labels: Sequence[str] = ()) -> None:
        self._name, self._documentation, self._labels = name, documentation, labels
        self._counts: dict[tuple[str, ...], int] = {} if labels else {(): 0}
        REGISTRY.register(self)

    def inc(self, *values: str, amount: int = 1) -> None:
        """Count ``amount`` more events with these values of the labels."""
        self._counts[values] = self._counts.get(values, 0) + amount

    def collect(self) -> Iterable[CounterMetricFamily]:
        """What was counted so far."""
        family = CounterMetricFamily(self._name, self._documentation, labels=self._labels)
        for values, count in list(self._counts.items()):
            family.add_metric(values, count)
        return [family]


@dataclass(slots=True)
class _Observed:
    """How many of the observed amounts fell into each bucket, and what all of them add up to."""

    counts: list[int]
    sum: float = 0.0


class PlainHistogram(Collector):
    """Sorts amounts, such as seconds, into buckets by the values of its labels."""

    def __init__(self, name: str, documentation: str, labels: Sequence[str], *, buckets: Sequence[float]) -> None:
        """Each of the ``buckets`` is the largest amount that falls into it; what is larger falls into one more."""
        self._name, self._documentation, self._labels = name, documentation, labels
        self._bounds = tuple(buckets)
        self._names = [*map(floatToGoString, self._bounds), "+Inf"]
        self._observed: dict[tuple[str, ...], _Observed] = {}
        REGISTRY.register(self)

    def observe(self, amount: float, *values: str) -> None:
        """Take note of an amount with these values of the labels."""
        observed = self._observed.get(values)
        if observed is None:
            observed = self._observed[values] = _Observed([0] * len(self._names))
        observed.counts[bisect_left(self._bounds, amount)] += 1
        observed.sum += amount

    def collect(self) -> Iterable[HistogramMetricFamily]:
        """What was observed so far."""
        family = HistogramMetricFamily(self._name, self._documentation, labels=self._labels)
        for values, observed in list(self._observed.items()):
            upto = list(zip(self._names, accumulate(observed.counts), strict=True))
            family.add_metric(values, upto, observed.sum)
        return [family]
