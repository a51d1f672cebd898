"""The contract of a source of alerts, over the requests that its senders make.

What may never happen: that something recovered, was acknowledged, was only tested or was not understood, and fires.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from alert_bridge.domain.fields import CUT
from alert_bridge.domain.source import NotJsonError, NotTakenError
from alert_bridge.main import SOURCES
from shared.contracts.alert import SIGNING_SOURCES
from tests.contract.sources.senders import SAMPLES, SENDERS, Sender, Sent, sample

ODD: tuple[Any, ...] = (
    None,
    "",
    " ",
    2,
    99,
    -1,
    0.5,
    True,
    False,
    [],
    {},
    ["firing"],
    {"a": "firing"},
    "FIRING!!1",
    "\0",
)
HOSTILE = ("$(touch /tmp/x)`id`; rm -rf / #", "a\0b", "\ud800", "{{ alert.title }}", "x" * 65_536, "a.b$c", "'\"\\\n")
NO_REASON_TO_RUN = re.compile("(?<!no-)resolve|ack|test|-ok")
"""In the name of a recorded request."""

each = pytest.mark.parametrize(("name", "sender"), SENDERS.items(), ids=SENDERS)


def test_every_source_is_held_to_the_contract() -> None:
    assert set(SENDERS) | {"generic"} == set(SOURCES)


def test_those_that_sign_are_those_that_a_signature_lets_in() -> None:
    assert {name for name, source in SOURCES.items() if source.signature is not None} == set(SIGNING_SOURCES)


@each
def test_what_fires_is_an_alert_that_fires_with_all_that_rules_need(name: str, sender: Sender) -> None:
    batch = sender.firing.read_by(name, sender.at)
    report = batch.reports[0]
    assert (report.alert.status, report.alert.source, batch.warnings.not_understood) == ("firing", name, None)
    found = report.alert.model_dump()
    for field, value in sender.alert.items():
        if field == "labels":
            assert {label: found["labels"].get(label) for label in value} == value
        else:
            assert found[field] == value, field
    assert report.alert.title


@each
def test_its_end_is_of_the_same_alert(name: str, sender: Sender) -> None:
    (firing, *_), (over, *_) = (
        sender.firing.read_by(name, sender.at).reports,
        sender.resolved.read_by(name, sender.resolved_at).reports,
    )
    assert (over.alert.status, over.alert.fingerprint) == ("resolved", firing.alert.fingerprint)
    assert over.alert.ends_at is not None


@each
def test_whatever_else_fires_or_is_over_is_understood(name: str, sender: Sender) -> None:
    for requests, status in ((sender.also_firing, "firing"), (sender.also_resolved, "resolved")):
        for request in requests:
            batch = request.read_by(name, sender.at)
            assert {report.alert.status for report in batch.reports} == {status}, request
            assert batch.warnings.not_understood is None


@each
def test_what_is_only_noted_neither_fires_nor_ends(name: str, sender: Sender) -> None:
    for request in sender.noted:
        batch = request.read_by(name)
        assert [report.alert.status in ("acknowledged", "updated") for report in batch.reports] == [True], request
        assert batch.warnings.not_understood is None, request


@each
def test_a_test_is_recorded_and_no_alert(name: str, sender: Sender) -> None:
    for request in sender.tests:
        batch = request.read_by(name)
        assert (batch.reports, batch.warnings.not_understood) == ([], None)
        assert batch.warnings.recorded is not None
        assert "it is recorded, and starts nothing" in batch.warnings.sentences[0]


@each
def test_what_is_not_understood_is_told_and_fires_nowhere(name: str, sender: Sender) -> None:
    foreign = [Sent(b'{"hello": "world"}'), Sent(b"{}"), Sent(b'{"alerts": [{"status": 1, "x": 2}]}')]
    for request in [*sender.not_understood, *([] if name == "prometheus" else foreign)]:
        batch = request.read_by(name, sender.at)
        statuses = {report.alert.status for report in batch.reports}
        assert statuses in ({"updated"}, {"unreadable"}, {"updated", "unreadable"}), request
        assert batch.warnings.not_understood is not None, request


@each
def test_every_alert_of_a_batch_is_taken(name: str, sender: Sender) -> None:
    twice = b"[" + sender.firing.body + b"," + sender.firing.body + b"]"
    request, statuses = sender.batch or (Sent(twice, sender.firing.headers), ["firing", "firing"])
    assert [one.alert.status for one in request.read_by(name, sender.at).reports] == list(statuses)


@each
def test_a_status_of_another_kind_never_fires(name: str, sender: Sender) -> None:
    if not sender.status:
        return
    for value in ODD:
        batch = sender.firing.but(sender.status, value).read_by(name, sender.at)
        assert "firing" not in {report.alert.status for report in batch.reports}, value
        assert "resolved" not in {report.alert.status for report in batch.reports}, value


def _paths(value: Any, path: str = "") -> Iterator[str]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        if "." not in str(name):
            yield f"{path}{name}"
            yield from _paths(inner, f"{path}{name}.")


@each
def test_nulls_odd_types_and_hostile_texts_anywhere_are_taken_whole_or_cut(name: str, sender: Sender) -> None:
    for path in _paths(json.loads(sender.firing.body)):
        for value in (*ODD, *HOSTILE):
            try:
                batch = sender.firing.but(path, value).read_by(name, sender.at)
            except NotTakenError:
                continue  # a list of something else is no body of this source
            for report in batch.reports:
                texts = [
                    *report.alert.labels,
                    *report.alert.labels.values(),
                    report.alert.title,
                    report.alert.description,
                ]
                assert all(len(text) <= 10_000 and "\0" not in text for text in texts), path
                assert all(len(text) < 4_096 or text.endswith(CUT) for text in report.alert.labels.values()), path
                assert report.alert.model_dump_json()


@each
def test_a_body_that_was_cut_is_no_json(name: str, sender: Sender) -> None:
    for length in (len(sender.firing.body) // 2, 1):
        with pytest.raises(NotJsonError):
            Sent(sender.firing.body[:length]).read_by(name)


@each
@pytest.mark.parametrize(
    "other", sorted(file.stem for file in SAMPLES.glob("*.headers") if NO_REASON_TO_RUN.search(file.stem))
)
def test_no_end_acknowledgement_or_test_of_any_sender_fires_at_any_source(
    name: str, sender: Sender, other: str
) -> None:
    try:
        batch = sample(other).read_by(name, sender.resolved_at)
    except NotTakenError:
        return
    assert "firing" not in {report.alert.status for report in batch.reports}
