"""Plain counters and histograms show what prometheus_client's own would."""

from collections.abc import Iterator

import pytest
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.registry import Collector

from shared.metrics import PlainCounter, PlainHistogram


@pytest.fixture
def registered() -> Iterator[list[Collector]]:
    """Metrics of a test, which leave the registry of the process with it."""
    metrics: list[Collector] = []
    yield metrics
    for metric in metrics:
        REGISTRY.unregister(metric)


def _lines(registry: CollectorRegistry, name: str) -> list[str]:
    """The page's lines about a metric, without the times at which prometheus_client's own were made."""
    page = generate_latest(
        registry.restricted_registry([f"{name}{end}" for end in ("_total", "_bucket", "_count", "_sum")])
    )
    return sorted(line for line in page.decode().splitlines() if "_created" not in line)


def test_a_counter_reads_as_one_of_the_library(registered: list[Collector]) -> None:
    plain, theirs = PlainCounter("plain_events", "Events.", ["kind", "state"]), CollectorRegistry()
    registered.append(plain)
    other = Counter("plain_events", "Events.", ["kind", "state"], registry=theirs)
    for values, amount in ((("a", "x"), 1), (("a", ""), 3), (("a", "x"), 2)):
        plain.inc(*values, amount=amount)
        other.labels(*values).inc(amount)
    assert _lines(REGISTRY, "plain_events") == _lines(theirs, "plain_events")
    assert REGISTRY.get_sample_value("plain_events_total", {"kind": "a", "state": "x"}) == 3


def test_a_counter_without_labels_is_there_before_the_first_event(registered: list[Collector]) -> None:
    registered.append(plain := PlainCounter("plain_lone", "Events."))
    assert REGISTRY.get_sample_value("plain_lone_total") == 0
    plain.inc()
    assert REGISTRY.get_sample_value("plain_lone_total") == 1


def test_a_histogram_reads_as_one_of_the_library(registered: list[Collector]) -> None:
    plain = PlainHistogram("plain_seconds", "Seconds.", ["verb"], buckets=(0.0001, 0.5, 1, 5))
    registered.append(plain)
    theirs = CollectorRegistry()
    other = Histogram("plain_seconds", "Seconds.", ["verb"], buckets=(0.0001, 0.5, 1, 5), registry=theirs)
    for verb, amount in (("get", 0.0), ("get", 0.5), ("get", 0.50001), ("get", 7.5), ("find", 1.0)):
        plain.observe(amount, verb)
        other.labels(verb).observe(amount)
    assert _lines(REGISTRY, "plain_seconds") == _lines(theirs, "plain_seconds")
    assert REGISTRY.get_sample_value("plain_seconds_bucket", {"verb": "get", "le": "0.5"}) == 2
    assert REGISTRY.get_sample_value("plain_seconds_count", {"verb": "get"}) == 4


def test_no_name_is_taken_twice(registered: list[Collector]) -> None:
    registered.append(PlainCounter("plain_once", "Events."))
    with pytest.raises(ValueError, match="plain_once"):
        PlainCounter("plain_once", "Events.")
