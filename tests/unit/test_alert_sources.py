"""What sources write, and what the alert-bridge makes of it."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_bridge.domain import alertmanager, generic
from alert_bridge.domain.fields import CUT, LONGEST_LABEL, MOST_NAMES, instant_of
from alert_bridge.domain.source import MOST_WARNINGS, NotJsonError, NotTakenError, ReceivedDelivery, Source, identity_of
from alert_bridge.domain.status import MOST_UNREADABLE
from alert_bridge.main import SOURCES
from shared.alerts import stored_alert_document, stored_alert_of
from shared.contracts.alert import StoredAlert
from tests.builders import NOON
from tests.builders_alerts import (
    STARTED,
    a_generic_alert,
    an_alertmanager_alert,
    an_alertmanager_message,
    read,
    read_one,
)

OF_OUR_FORMS = (alertmanager.SOURCE, generic.SOURCE)
"""What the tests of all that fits no form write bodies for; all other sources have a contract of their own."""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


# Alertmanager


def test_an_alert_of_alertmanager_is_normalised() -> None:
    alert = read_one(alertmanager.SOURCE, an_alertmanager_message())

    assert alert.model_dump(mode="json", exclude={"event_id"}) == {
        "source": "alertmanager",
        "integration": "",
        "source_instance": "http://alertmanager:9093",
        "fingerprint": "1a30ba71cca2921f",
        "group_key": '{}:{alertname="NginxDown"}',
        "status": "firing",
        "severity": "critical",
        "title": "nginx is down on web-1",
        "description": "",
        "labels": {"alertname": "NginxDown", "severity": "critical", "env": "prod", "instance": "web-1:9100"},
        "annotations": {"summary": "nginx is down on web-1"},
        "starts_at": "2026-01-31T11:58:00.000Z",
        "ends_at": None,
        "url": "http://prometheus:9090/graph?g0.expr=up",
    }


def test_every_alert_of_a_group_says_itself_whether_it_fires() -> None:
    resolved = an_alertmanager_alert(status="resolved", fingerprint="b", endsAt="2026-01-31T11:59:00.123456789Z")
    message = an_alertmanager_message(an_alertmanager_alert(), resolved, status="firing")

    firing, over = (report.alert for report in read(alertmanager.SOURCE, message).reports)

    assert (firing.status, firing.ends_at) == ("firing", None)
    assert (over.status, over.ends_at) == ("resolved", datetime(2026, 1, 31, 11, 59, 0, 123_000, UTC))


def test_a_resolved_alert_without_an_end_ended_when_it_was_heard_of() -> None:
    alert = read_one(alertmanager.SOURCE, an_alertmanager_message(an_alertmanager_alert(status="resolved")))
    assert alert.ends_at == NOON


@pytest.mark.parametrize(
    ("ends_at", "status"),
    [("2026-01-31T11:59:00Z", "resolved"), ("2026-01-31T12:01:00Z", "firing"), ("0001-01-01T00:00:00Z", "firing")],
)
def test_an_alert_without_a_status_fires_until_its_end(ends_at: str, status: str) -> None:
    alert = an_alertmanager_alert(endsAt=ends_at)
    del alert["status"]
    assert read_one(alertmanager.SOURCE, an_alertmanager_message(alert)).status == status


def test_an_old_alertmanager_without_fingerprints_is_told_apart_by_labels_in_any_order() -> None:
    labels = {"alertname": "X", "instance": "a"}
    reordered = dict(reversed(labels.items()))
    alerts = [an_alertmanager_alert(labels=those) for those in (labels, reordered, {**labels, "instance": "b"})]
    for alert in alerts:
        del alert["fingerprint"]

    first, same, other = (r.alert for r in read(alertmanager.SOURCE, an_alertmanager_message(*alerts)).reports)

    assert first.fingerprint == same.fingerprint != other.fingerprint


def test_alerts_that_alertmanager_left_out_are_spoken_of() -> None:
    for nothing in (True, False, 0, -1, "3", None):
        assert read(alertmanager.SOURCE, an_alertmanager_message(truncatedAlerts=nothing)).warnings.sentences == []
    (warning,) = read(alertmanager.SOURCE, an_alertmanager_message(truncatedAlerts=12)).warnings.sentences
    assert "12 alerts" in warning
    assert "max_alerts" in warning


@pytest.mark.parametrize("version", ["1", "5", 4, None])
def test_another_version_is_taken_where_its_shape_fits(version: object) -> None:
    message = an_alertmanager_message(version=version, orgId=1, alerts=[an_alertmanager_alert(values={"B": 22})])
    assert read_one(alertmanager.SOURCE, message).title == "nginx is down on web-1"


def test_an_alert_without_a_summary_is_called_by_its_name() -> None:
    message = an_alertmanager_message(an_alertmanager_alert(annotations=None))
    assert read_one(alertmanager.SOURCE, message).title == "NginxDown"


def test_the_same_alert_repeated_is_the_same_whatever_start_it_names() -> None:
    again = an_alertmanager_alert(annotations={"summary": "still down"})
    anew = an_alertmanager_alert(startsAt="2026-01-31T11:59:00Z")
    over = an_alertmanager_alert(status="resolved")
    message = an_alertmanager_message(an_alertmanager_alert(), again, over, anew)

    first, repeated, resolved, other = [
        identity_of(report.alert) for report in read(alertmanager.SOURCE, message).reports
    ]

    assert first == repeated == resolved == other


# Generic JSON


def test_a_generic_alert_is_normalised() -> None:
    payload = a_generic_alert(
        status="PROBLEM",
        severity="Disaster",
        annotations={"runbook": "https://wiki"},
        description="both workers are gone",
        url="https://monitoring/17",
        event_id="evt-1",
        something_else=[1, 2],
    )

    assert read_one(generic.SOURCE, payload).model_dump(mode="json") == {
        "source": "generic",
        "integration": "",
        "source_instance": "",
        "event_id": "evt-1",
        "fingerprint": "nginx-down/web-1",
        "group_key": "",
        "status": "firing",
        "severity": "critical",
        "title": "nginx is down on web-1",
        "description": "both workers are gone",
        "labels": {"alertname": "NginxDown", "env": "prod", "instance": "web-1"},
        "annotations": {"runbook": "https://wiki"},
        "starts_at": "2026-01-31T11:58:00.000Z",
        "ends_at": None,
        "url": "https://monitoring/17",
    }


@pytest.mark.parametrize(
    ("body", "count"),
    [(a_generic_alert(), 1), ([a_generic_alert()] * 2, 2), ({"alerts": [a_generic_alert()] * 3}, 3), ([], 0)],
)
def test_one_alert_a_list_and_an_object_with_a_list_are_all_taken(body: object, count: int) -> None:
    assert len(read(generic.SOURCE, body).reports) == count


@pytest.mark.parametrize(
    ("word", "status"),
    [
        (None, "firing"),
        ("", "firing"),
        ("Alerting", "firing"),
        (" triggered ", "firing"),
        ("OK", "resolved"),
        ("Recovered", "resolved"),
        ("closed", "resolved"),
        ("ack", "acknowledged"),
        ("🔴 Down", "firing"),
        ("✅ Up", "resolved"),
        ("updated", "updated"),
    ],
)
def test_usual_words_for_a_status_are_understood(word: object, status: str) -> None:
    assert read_one(generic.SOURCE, a_generic_alert(status=word)).status == status


@pytest.mark.parametrize(
    "said", ["flapping", "⚠️ Test", " ", "1", "0", 1, 0, True, False, 0.5, ["firing"], {"a": "firing"}]
)
def test_a_status_that_is_not_understood_starts_nothing_and_is_spoken_of(said: object) -> None:
    batch = read(generic.SOURCE, {"alerts": [a_generic_alert(status=said)]})
    assert batch.reports[0].alert.status == "updated"
    (warning,) = batch.warnings.sentences
    assert warning.startswith("alerts.0.status: '")
    assert "is not known as a status and was taken as 'updated'" in warning
    assert batch.warnings.not_understood == warning


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": "CPU", "state": "ok"}, "state"),
        ({"title": "[Alerting] CPU", "state": "alerting"}, "state"),
        ({"title": "zbx", "event_value": "0"}, "event_value"),
        ({"title": "x", "event_action": "resolve"}, "event_action"),
        ({"title": "x", "NewStateValue": "OK"}, "NewStateValue"),
        ({"title": "x", "current_state": "closed"}, "current_state"),
        ({"title": "x", "monitorCondition": "Resolved"}, "monitorCondition"),
        ({"title": "x", "type": "success"}, "type"),
        ({"title": "x", "resolved": True}, "resolved"),
        ({"title": "x", "heartbeat": {"status": 1}}, "heartbeat.status"),
        ({"title": "x", "data": [{"alert": {"state": "closed"}}]}, "data.alert.state"),
        ({"labels": {"a": "b"}, "alert_transition": "Recovered"}, "alert_transition"),
    ],
)
def test_a_state_in_a_field_that_is_not_ours_is_not_guessed_and_the_field_is_named(body: Any, field: str) -> None:
    """Case B02: 0 and 1, ok and alerting mean other things with every sender."""
    for source_body, path in ((body, field), ({"alerts": [body]}, f"alerts.0.{field}")):
        batch = read(generic.SOURCE, source_body)
        assert batch.reports[0].alert.status == "updated"
        assert f"'{path}' is no field of ours" in str(batch.warnings.not_understood)


@pytest.mark.parametrize("around", [{"status": "resolved"}, {"state": "ok"}, {"event": {"type": "recovery"}}])
def test_a_state_beside_the_list_of_alerts_is_not_taken_for_firing(around: dict[str, Any]) -> None:
    batch = read(generic.SOURCE, {**around, "alerts": [{"title": "x"}, {"title": "y", "status": "firing"}]})
    assert [report.alert.status for report in batch.reports] == ["updated", "firing"]


def test_a_state_in_a_header_is_not_taken_for_firing() -> None:
    delivery = ReceivedDelivery(b'{"title": "ok"}', {"ce-type": "com.example.alert.resolved"}, NOON)
    batch = generic.SOURCE.read(delivery)
    assert batch.reports[0].alert.status == "updated"
    assert "the header ce-type" in str(batch.warnings.not_understood)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"HOSTSTATE": "UP"}, "HOSTSTATE"),
        ({"hoststate": "UP"}, "hoststate"),
        ({"test": True}, "test"),
        ({"exit_code": 0}, "exit_code"),
        ({"etat": "ok"}, "etat"),
        ({"level": "OK"}, "level"),
        ({"Status": "resolved"}, "Status"),
        ({"status ": "resolved"}, "status "),
        ({"resolved_at": None}, "resolved_at"),
        ({**{f"m{number}": 1 for number in range(501)}, "state": "ok"}, "m0"),
        ({"checks": [{"a": 1}, {"state": "ok"}]}, "checks"),
        ({"message": {"state": "ok"}}, "message.state"),
        ({"severity": "ok"}, "severity"),
        ({"severity": "Cleared"}, "severity"),
        ({"labels": {"severity": "normal"}}, "labels.severity"),
        ({"labels": {"state": "ok"}}, "labels.state"),
        ({"annotations": {"alertStatus": "resolved"}}, "annotations.alertStatus"),
        ({"ends_at": "2026-01-31T11:00:00Z"}, "ends_at"),
        ({"ends_at": "yesterday"}, "ends_at"),
        ({"title": "[OK] CPU"}, "title"),
        ({"title": "[RESOLVED] x"}, "title"),
        ({"title": "Service recovered"}, "title"),
        ({"title": "Test alert"}, "title"),
        ({"title": "Monitor is UP"}, "title"),
        ({"title": "✅ web-1"}, "title"),
        ({"labels": {"alertname": "TestAlert"}}, "labels.alertname"),
        ({"message": "RESOLVED"}, "message"),
        ({"tags": ["prod", "ok"]}, "tags"),
        ({"status": "", "alertstatus": "ok"}, "alertstatus"),
        ({"description": {"state": "ok"}}, "description"),
        ({"labels": ["state:ok"]}, "labels"),
        ({"labels": {"a": {"state": "ok"}}}, "labels"),
    ],
)
def test_without_a_status_nothing_fires_that_something_can_say_otherwise_of(body: Any, named: str) -> None:
    for source_body, path in (
        ({"title": "CPU", **body}, named),
        ({"alerts": [{"title": "CPU", **body}]}, f"alerts.0.{named}"),
    ):
        batch = read(generic.SOURCE, source_body)
        assert batch.reports[0].alert.status == "updated"
        assert f"'{path}'" in str(batch.warnings.not_understood)
        assert "send a status" in str(batch.warnings.not_understood)
    around = {**body, "alerts": [{"title": "CPU"}]}
    assert read(generic.SOURCE, around).reports[0].alert.status == "updated"


@pytest.mark.parametrize(
    "body",
    [
        {"title": "nginx is down on web-1", "severity": "critical", "labels": {"env": "prod", "statefulset": "db"}},
        {"labels": {"alertname": "NginxDown"}, "annotations": {"runbook": "https://wiki"}},
        {"title": "CPU 91%", "message": "check that nginx is up", "host": "web-1", "tags": ["prod", "web"], "id": 7},
        {"fingerprint": "f", "severity": "info", "ends_at": "2026-01-31T13:00:00Z", "starts_at": STARTED},
        {"fingerprint": "f", "ends_at": "0001-01-01T00:00:00Z", "event_id": "e", "url": "https://x", "description": ""},
    ],
)
def test_a_simple_alert_fires_without_a_status(body: Any) -> None:
    for said in (body, [body], {"alerts": [body]}, {"title": "two of them", "source": "nagios", "alerts": [body]}):
        batch = read(generic.SOURCE, said)
        assert [report.alert.status for report in batch.reports] == ["firing"]
        assert batch.warnings.not_understood is None


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"x-alert-state": "resolved"}, ""),
        ({"x-alert": "ok"}, ""),
        ({"ce-type": "x"}, ""),
        ({"sentry-hook-resource": "issue"}, ""),
        ({}, "status=resolved"),
        ({}, "a=1&x=ok"),
    ],
)
def test_a_state_in_headers_or_address_is_not_taken_for_firing(headers: dict[str, str], query: str) -> None:
    form = {"labels": {"alertname": "X"}, "endsAt": "0001-01-01T00:00:00Z"}
    for source, body in ((generic.SOURCE, {"title": "x"}), (generic.SOURCE, form), (alertmanager.SOURCE, None)):
        posted = json.dumps(body or {"alerts": [form]}).encode()
        usual = {"content-type": "application/json", "connection": "close", "tracestate": "a=1", "x-real-ip": "::1"}
        plain = source.read(ReceivedDelivery(posted, usual, NOON, "tenant=7"))
        batch = source.read(ReceivedDelivery(posted, {**usual, **headers}, NOON, query))
        assert [plain.reports[0].alert.status, batch.reports[0].alert.status] == ["firing", "updated"]
        assert "send a status" in str(batch.warnings.not_understood)


@pytest.mark.parametrize("source", OF_OUR_FORMS, ids=lambda one: one.name)
@pytest.mark.parametrize(
    ("alert", "around"),
    [
        ({"endsAt": None}, {}),
        ({"endsAt": "yesterday"}, {}),
        ({}, {"status": "resolved"}),
        ({}, {"state": "ok"}),
        ({"state": "inactive"}, {}),
    ],
)
def test_in_alertmanagers_form_an_alert_without_a_status_fires_only_by_an_end_that_is_not_come(
    source: Source, alert: Any, around: Any
) -> None:
    plain = an_alertmanager_alert(status=None)
    assert read(source, {"status": "firing", "alerts": [plain]}).reports[0].alert.status == "firing"
    batch = read(source, {**around, "alerts": [{**plain, **alert}]})
    assert batch.reports[0].alert.status == "updated"
    assert "alerts.0.status: is missing" in str(batch.warnings.not_understood)


@pytest.mark.parametrize("source", OF_OUR_FORMS, ids=lambda one: one.name)
@pytest.mark.parametrize(
    "body", [{"something": "else"}, {}, {"title": None}, {"heartbeat": {"status": 1}, "msg": "Up"}]
)
def test_an_object_of_unknown_fields_is_kept_as_unreadable(source: Source, body: Any) -> None:
    """Case B01."""
    batch = read(source, body if source is generic.SOURCE else {"alerts": [body]})
    alert = batch.reports[0].alert
    assert (alert.status, alert.severity, alert.title, alert.starts_at) == ("unreadable", "unknown", "", NOON)
    assert f"has no field that is known to /webhooks/{source.name}" in str(batch.warnings.not_understood)
    for name in body:
        assert name in str(batch.warnings.not_understood)
        assert name in alert.description


def test_objects_of_unknown_fields_do_not_share_a_fingerprint() -> None:
    """Case B04."""
    bodies = [{"msg": "db-1 is down"}, {"msg": "web-9 is down"}, {"event_id": "1", "x": 1}, {"event_id": "2", "x": 1}]
    one, two, three, four = [read_one(generic.SOURCE, body).fingerprint for body in bodies]
    assert len({one, two, three, four}) == 4
    assert one == read_one(generic.SOURCE, bodies[0]).fingerprint


def test_of_many_unreadable_objects_some_are_kept_and_all_are_counted() -> None:
    batch = read(generic.SOURCE, [{"x": number} for number in range(5_000)])
    assert len(batch.reports) == MOST_UNREADABLE
    assert batch.warnings.sentences[-1] == f"and {5_000 - MOST_WARNINGS} warnings more, which are left out here"


@pytest.mark.parametrize("source", OF_OUR_FORMS, ids=lambda one: one.name)
def test_what_is_not_said_to_fire_by_its_own_source_does_not(source: Source) -> None:
    said: list[Any] = ["pending", "suppressed", 1, True, [], "FIRING!!1"]
    for status in said:
        alert = an_alertmanager_alert(status=status)
        assert read(source, {"alerts": [alert]}).reports[0].alert.status == "updated"


def test_a_missing_fingerprint_is_spoken_of_once() -> None:
    """Case B10."""
    batch = read(generic.SOURCE, [{"title": f"CPU {number}% on web-1"} for number in range(9)])
    (warning,) = batch.warnings.sentences
    assert warning.startswith("fingerprint: is missing and was made of the labels and the title")
    assert batch.warnings.not_understood is None


def test_alertmanagers_form_is_understood_at_generic_and_spoken_of() -> None:
    """Case B21."""
    batch = read(generic.SOURCE, an_alertmanager_message())
    (report,) = batch.reports
    assert (report.start_known, report.silence_ends) == (True, False)
    assert report.alert.fingerprint == "1a30ba71cca2921f"
    (warning,) = batch.warnings.sentences
    assert "startsAt" in warning
    assert "belongs to /webhooks/alertmanager" in warning


@pytest.mark.parametrize(
    ("ends_at", "status"), [("2026-01-31T12:03:00Z", "firing"), ("2026-01-31T11:59:59Z", "resolved")]
)
def test_prometheuss_list_fires_until_its_end(ends_at: str, status: str) -> None:
    alert = {"labels": {"alertname": "X"}, "startsAt": STARTED, "endsAt": ends_at, "generatorURL": "http://p"}
    assert read_one(generic.SOURCE, [alert]).status == status


def test_labels_of_any_type_become_texts() -> None:
    labels = {"count": 3, "share": 0.5, "ready": True, "none": None, "list": ["a", "b"], "text": "ü", "a.b/$c": "d"}
    assert read_one(generic.SOURCE, a_generic_alert(labels=labels)).labels == {
        "count": "3",
        "share": "0.5",
        "ready": "true",
        "list": '["a", "b"]',
        "text": "ü",
        "a.b/$c": "d",
    }


def test_a_generic_alert_without_a_fingerprint_is_told_apart_by_labels_and_title() -> None:
    def fingerprint(**fields: Any) -> str:
        return read_one(generic.SOURCE, {"title": "t", "labels": {"a": "1"}, **fields}).fingerprint

    assert fingerprint() == fingerprint(status="ok", severity="high", description="d")
    assert len({fingerprint(), fingerprint(title="u"), fingerprint(labels={"a": "2"}), fingerprint(labels={})}) == 4


# All sources


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_the_documented_example_is_understood_without_a_warning(source: Source) -> None:
    batch = read(source, source.example)
    assert batch.warnings.sentences == []
    (report,) = batch.reports
    assert (report.alert.status, report.alert.title != "") == ("firing", True)
    assert report.start_known or source not in OF_OUR_FORMS


@pytest.mark.parametrize("source", OF_OUR_FORMS, ids=lambda one: one.name)
def test_a_form_is_no_json(source: Source) -> None:
    with pytest.raises(NotJsonError):
        read(source, b"alert=1")


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
@pytest.mark.parametrize("body", [b"", b"   ", b"{", b"alert", b"[" * 100_000, b"\x00", b"9" * 10_000])
def test_a_body_that_is_not_json_is_said_to_be_none(source: Source, body: bytes) -> None:
    with pytest.raises(NotJsonError):
        read(source, body)


@pytest.mark.parametrize("body", [7, None, "text", True, [3], {"alerts": [3]}])
def test_what_is_no_object_is_left_out_and_spoken_of(body: Any) -> None:
    batch = read(generic.SOURCE, body)
    assert batch.reports == []
    assert "has to be an object, and was left out" in str(batch.warnings.not_understood)


def test_what_is_no_object_costs_the_others_nothing() -> None:
    """Case P-8."""
    for source, alert in ((alertmanager.SOURCE, an_alertmanager_alert()), (generic.SOURCE, a_generic_alert())):
        batch = read(source, {"alerts": [7, alert, None, "x", alert]})
        assert [report.alert.status for report in batch.reports] == ["firing", "firing"]
        assert [sentence.partition(":")[0] for sentence in batch.warnings.sentences] == [
            "alerts.0",
            "alerts.2",
            "alerts.3",
        ]


@pytest.mark.parametrize("body", [{"alerts": {}}, {"status": "firing"}, {"alerts": "all"}])
def test_a_message_of_alertmanager_without_a_list_of_alerts_is_unreadable(body: Any) -> None:
    batch = read(alertmanager.SOURCE, body)
    assert [report.alert.status for report in batch.reports] == ["unreadable"]
    assert "alerts: has to be a list of alerts" in batch.warnings.sentences[0]


@pytest.mark.parametrize(
    ("source", "fields", "field"),
    [
        (alertmanager.SOURCE, {"labels": ["a"]}, "labels"),
        (alertmanager.SOURCE, {"startsAt": "yesterday"}, "startsAt"),
        (alertmanager.SOURCE, {"annotations": 3}, "annotations"),
        (alertmanager.SOURCE, {"generatorURL": {}}, "generatorURL"),
        (generic.SOURCE, {"labels": "x"}, "labels"),
        (generic.SOURCE, {"title": {"text": "x"}}, "title"),
        (generic.SOURCE, {"annotations": "x"}, "annotations"),
        (generic.SOURCE, {"starts_at": True}, "starts_at"),
        (generic.SOURCE, {"starts_at": -5}, "starts_at"),
        (generic.SOURCE, {"ends_at": {}}, "ends_at"),
    ],
)
def test_a_field_that_cannot_be_read_costs_that_field_and_nothing_else(
    source: Source, fields: dict[str, Any], field: str
) -> None:
    """Cases B15 and P-8."""
    good = an_alertmanager_alert() if source is alertmanager.SOURCE else a_generic_alert(status="firing")
    batch = read(source, {"alerts": [{**good, **fields}, good]})
    assert [report.alert.status for report in batch.reports] == ["firing", "firing"]
    (warning,) = batch.warnings.sentences
    assert warning.startswith(f"alerts.0.{field}: ")


def test_a_start_that_cannot_be_read_is_none_but_no_reason_to_count_on_silence() -> None:
    for source, alert in (
        (alertmanager.SOURCE, an_alertmanager_alert(startsAt="yesterday")),
        (generic.SOURCE, a_generic_alert(starts_at="yesterday")),
    ):
        (report,) = read(source, {"alerts": [alert]}).reports
        assert (report.start_known, report.silence_ends, report.alert.starts_at) == (False, False, NOON)


def test_too_long_a_value_is_kept_in_part_and_marked() -> None:
    batch = read(generic.SOURCE, {"alerts": [a_generic_alert(labels={"dump": "x" * 50_000})]})

    value = batch.reports[0].alert.labels["dump"]

    assert len(value) == LONGEST_LABEL
    assert value.endswith(CUT)
    assert batch.warnings.sentences == ["alerts.0.labels.dump has 50000 characters and was cut: 4096 are kept"]


def test_of_very_many_labels_the_first_are_kept() -> None:
    batch = read(generic.SOURCE, a_generic_alert(labels={f"k{number}": "v" for number in range(500)}))
    assert len(batch.reports[0].alert.labels) == MOST_NAMES
    assert batch.warnings.sentences == ["labels: has 500 names, and the first 200 are kept"]


def test_a_long_fingerprint_still_tells_alerts_apart() -> None:
    one, other = (read_one(generic.SOURCE, {"fingerprint": "f" * 5_000 + end}).fingerprint for end in "ab")
    assert one != other
    assert len(one) <= 200


@pytest.mark.parametrize(
    "left",
    [
        *(" ", "null", "None", "undefined", "-", "$ALERT_ID", "{{ fingerprint }}", "<no value>", "[no value]"),
        *("{EVENT.ID}", "kuma/{{ name }}", "a-<no value>", "${id}", "%alertid%", 0, 0.0, "0", False, True),
    ],
)
def test_what_a_template_leaves_names_no_alert_and_is_spoken_of(left: object) -> None:
    def generic_one(**fields: Any) -> Any:
        return read(generic.SOURCE, {"title": "web-1 is down", "status": "firing", **fields})

    made = generic_one().reports[0].alert
    one, other = generic_one(fingerprint=left), generic_one(fingerprint=left, title="web-2 is down")
    assert one.reports[0].alert.fingerprint == made.fingerprint != other.reports[0].alert.fingerprint
    assert "fingerprint: '" in str(one.warnings.sentences)
    assert "is what a template leaves where it has no value" in str(one.warnings.sentences)

    event = generic_one(event_id=left)
    assert (event.reports[0].event_known, event.reports[0].alert.event_id) == (False, made.event_id)
    assert "event_id: '" in str(event.warnings.sentences)

    alerts = [an_alertmanager_alert(fingerprint=left, labels={"alertname": "X", "instance": i}) for i in "ab"]
    batch = read(alertmanager.SOURCE, an_alertmanager_message(*alerts))
    assert len({report.alert.fingerprint for report in batch.reports}) == 2
    assert len(batch.warnings.sentences) == 2


def test_usual_fingerprints_are_taken_as_they_are() -> None:
    for usual in ("nginx-down/web-1", "17", "nonesuch", "a b", "00", "x$1", "#1"):
        assert read_one(generic.SOURCE, a_generic_alert(fingerprint=usual)).fingerprint == usual
    assert read_one(generic.SOURCE, a_generic_alert(fingerprint=17)).fingerprint == "17"


@pytest.mark.parametrize(
    "body_of",
    [
        lambda end: {"title": "T" * 600 + end},
        lambda end: {"labels": {"x": "T" * 5_000 + end}},
        lambda end: {"title": "m", "labels": {**{f"l{number}": 1 for number in range(200)}, "host": end}},
        lambda end: {"labels": {"a": ""}, "description": end},
        lambda end: {"title": " ", "description": end},
        lambda end: {"fingerprint": "f" * 20_000 + end},
    ],
)
def test_a_fingerprint_is_made_before_anything_is_cut(body_of: Callable[[str], Any]) -> None:
    one, same, other = [
        read_one(generic.SOURCE, {"status": "firing", **body_of(end)}).fingerprint for end in ("a", "a", "b")
    ]
    assert one == same != other


def test_a_severity_that_is_no_word_of_ours_is_unknown_and_spoken_of() -> None:
    batch = read(generic.SOURCE, a_generic_alert(severity="horrible"))
    assert batch.reports[0].alert.severity == "unknown"
    assert batch.warnings.sentences == ["severity: 'horrible' is not known as a severity and was taken as 'unknown'"]


@pytest.mark.parametrize("body", [[], {"alerts": []}])
def test_a_body_without_an_alert_is_spoken_of(body: Any) -> None:
    assert read(generic.SOURCE, body).warnings.sentences == ["body: holds no alert"]


def test_no_status_takes_long_to_be_understood() -> None:
    before = time.process_time()
    for piece in ("_ ", "_x", "\U0001f534"):
        assert read_one(generic.SOURCE, a_generic_alert(status=piece * 1_000_000 + "x")).status == "updated"
    assert time.process_time() - before < 5


def test_what_no_store_keeps_is_replaced() -> None:
    alert = read_one(generic.SOURCE, b'{"title": "a\\u0000b\\ud800c", "labels": {"k\\u0000": "\\udfff"}}')
    assert alert.title == "a\ufffdb\ufffdc"
    assert alert.labels == {"k\ufffd": "\ufffd"}


def test_bytes_that_are_not_utf_8_do_not_lose_the_alert() -> None:
    assert read_one(generic.SOURCE, b'\xef\xbb\xbf{"title": "caf\xe9"}').title == "caf\ufffd"


@given(JSON)
def test_of_any_json_what_can_be_taken_is_kept(payload: Any) -> None:
    for source in SOURCES.values():
        with suppress(NotTakenError):
            for report in read(source, payload).reports:
                _comes_back(report.alert)


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()), st.text())
def test_any_labels_and_texts_are_kept_as_they_are_stored(labels: dict[str, Any], text: str) -> None:
    _comes_back(read_one(generic.SOURCE, {"labels": labels, "title": text, "fingerprint": text}))


def _comes_back(alert: Any) -> None:
    stored = StoredAlert(
        id="a",
        identity="i",
        alert=alert,
        received_at=NOON,
        last_received_at=NOON,
        deliveries=1,
        decisions=[],
        runs=[],
    )
    text = json.dumps(stored_alert_document(stored, pending=False), ensure_ascii=False)
    assert stored_alert_of(json.loads(text.encode())) == stored
    assert "\x00" not in text


# Instants


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00.000000000Z",
        "2026-01-31T13:00:00+01:00",
        "2026-01-31 12:00:00",
        "2026-01-31T12:00",
        1_769_860_800,
        1_769_860_800.0,
        1_769_860_800_000,
        1_769_860_800_000_000,
        1_769_860_800_000_000_000,
        "1769860800",
        "1769860800.000",
        " 1769860800000 ",
        "2026-01-31 12:00:00 +0000 UTC",
        "2026-01-31 13:00:00.000999 +0100 CET",
        "2026-01-31 12:00:00 +0000 UTC m=+0.012345678",
        "2026-01-31T12:00:00.000+0000",
        "2026.01.31 12:00:00",
        "Sat, 31 Jan 2026 12:00:00 GMT",
        "Sat, 31 Jan 2026 13:00:00 +0100",
        "Sat, 31 Jan 2026 12:00:00",
    ],
)
def test_an_instant_is_read_however_it_is_written(written: object) -> None:
    assert instant_of(written).at == NOON


@pytest.mark.parametrize("nothing", [None, "", " ", 0, 0.0, "0", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+05:00"])
def test_an_instant_that_is_not_set_is_none(nothing: object) -> None:
    assert instant_of(nothing).at is None


@pytest.mark.parametrize(
    "wrong",
    [
        True,
        "soon",
        "11-28-2026 15:14:57",
        "Sat, 32 Jan 2026 12:00:00",
        "2026-02-30T00:00:00Z",
        -1,
        float("nan"),
        float("inf"),
        10**30,
        [],
        {},
        "9999-12-31T23:59:59-01:00",
    ],
)
def test_what_is_no_instant_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="RFC 3339"):
        instant_of(wrong)


@pytest.mark.parametrize("written", ["2026.01.31 12:00:00", "2026-01-31 12:00:00", "Sat, 31 Jan 2026 12:00:00"])
def test_an_instant_without_a_time_zone_is_taken_as_utc_and_spoken_of(written: str) -> None:
    batch = read(generic.SOURCE, a_generic_alert(starts_at=written))
    assert batch.reports[0].alert.starts_at == NOON
    assert batch.warnings.sentences == [f"starts_at: '{written}' names no time zone, and was taken as UTC"]


@given(st.integers(min_value=-1_000, max_value=1_000_000))
def test_an_instant_is_the_same_in_seconds_milliseconds_microseconds_and_nanoseconds(seconds: int) -> None:
    instant = NOON + timedelta(seconds=seconds)
    epoch = int(instant.timestamp())
    assert {instant_of(epoch * unit).at for unit in (1, 10**3, 10**6, 10**9)} == {instant}
