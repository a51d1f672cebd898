"""What senders' words say of an alert's state; what is not understood never fires."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl

from alert_bridge.domain.fields import SHOWN, ZERO_YEAR, Fields, instant_of, kept, text_of
from alert_bridge.domain.source import ReceivedDelivery, Report, Warnings, digest, event_id_of
from shared.contracts.alert import Alert, AlertStatus, Severity
from shared.redaction import quoted, shown_json

_STATUS_WORDS: dict[AlertStatus, str] = {
    "firing": (
        "firing fire fired active activated alert alerting alarm problem triggered trigger retriggered open opened "
        "reopened new created create start started critical error failed fail failing failure warning warn down bad "
        "unhealthy unresolved"
    ),
    "resolved": (
        "resolved resolve ok okay recovered recovery closed close cleared clear normal up good healthy success "
        "succeeded fixed end ended inactive deactivated"
    ),
    "acknowledged": "acknowledged acknowledge ack acked",
    "updated": "updated update",
}
_SEVERITY_WORDS: dict[Severity, str] = {
    "critical": "critical crit fatal emergency emerg disaster page p1 sev0 sev1",
    "high": "high error err major alert severe p2 sev2",
    "warning": "warning warn medium minor average moderate p3 sev3",
    "info": "info information informational notice low debug ok none p4 p5 sev4",
}
_STATUS = {word: status for status, words in _STATUS_WORDS.items() for word in words.split()}
_SEVERITY = {word: severity for severity, words in _SEVERITY_WORDS.items() for word in words.split()}
_DECORATION = re.compile(r"^[\W_]+|[\W_]+$")
"""What may stand around a word, such as the coloured circle of Uptime Kuma's ``🔴 Down``."""
LONGEST_WORD = 60
"""Characters: what is longer is no word, and the pattern takes its time squared."""


_WELL_OR_TEST_WORDS = (
    "back restored successful successfully passed passing green none finished completed complete done solved "
    "operational online available test tests testing tested drill ✅ ✔ ☑ 🟢 💚"
)
_WELL_OR_TEST = {word for word, status in _STATUS.items() if status in ("resolved", "acknowledged")}
_WELL_OR_TEST |= set(_WELL_OR_TEST_WORDS.split())


def means_good(word: str) -> bool:
    """Whether a word says that all is well, that somebody has seen it, or that it is but a test."""
    return word.lower() in _WELL_OR_TEST


def status_of(word: str) -> AlertStatus | None:
    """The status that a sender's word means; none for a word that is not known, and for every number."""
    return _STATUS.get(_DECORATION.sub("", word).lower()) if len(word) <= LONGEST_WORD else None


def severity_of(word: str) -> Severity:
    """The severity that a sender's word means; ``unknown`` for a word that is not known."""
    return _SEVERITY.get(word.strip().lower(), "unknown")


DEEPEST = 4
"""Levels of objects within objects that are searched for the field that a warning names."""
MOST_SEARCHED = 500
"""Fields that are searched for it."""

_PROSE = frozenset(("description", "message", "msg", "body", "text"))
"""Texts that may say in passing what is good; only their first word is asked."""
_LINES = frozenset(("title", "summary", "name", "tags"))
"""Short texts of which every word is asked."""
_NAMES = "host hostname instance service source id link group environment env region cluster namespace team url runbook"
_HARMLESS = {*_PROSE, *_LINES, *_NAMES.split(), "dashboard"}
"""Fields that are not ours and cannot say whether the alert fires, where they hold texts."""

_STATE_WORDS = frozenset(
    (
        *("state", "status", "action", "transition", "condition", "value", "type", "event", "kind", "phase", "outcome"),
        *("result", "active", "firing", "alerting", "triggered", "trigger", "resolved", "resolve", "recovered"),
        *("recovery", "closed", "acknowledged", "success", "failure", "ok", "up", "down"),
    )
)
_LABELS_OF_STATES = re.compile(
    r"(?i)status|state(?!ful|ment)|resolv|recover|firing|cleared|closed|acknowledg|transition|outcome|health"
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_HEADERS_OF_HTTP = frozenset(("content-type", "x-content-type-options", "tracestate"))
_SENTRY = "sentry-hook-resource"


def why_not_firing(fields: Fields, ours: tuple[str, ...], now: datetime) -> str | None:
    """What of an object may say that it does not fire, as a part of a sentence; none where nothing can."""
    if foreign := foreign_field(fields, ours):
        return f"'{foreign}' is no field of ours"
    for name in ("ends_at", "endsAt"):
        if not _lies_ahead(fields.value(name), now):
            return f"'{fields.path_of(name)}' is no time ahead"
    return next(
        chain(_of_a_wrong_kind(fields, ours), _names_of_states(fields), _good_severities(fields), _good_words(fields)),
        None,
    )


def _of_a_wrong_kind(fields: Fields, ours: tuple[str, ...]) -> Iterator[str]:
    """Objects and lists where none belong: nobody knows what they say."""
    for name in ours:
        value = fields.value(name)
        if name not in ("labels", "annotations"):
            if isinstance(value, dict | list):
                yield f"'{fields.path_of(name)}' is no text"
        elif value is not None and not isinstance(value, dict):
            yield f"'{fields.path_of(name)}' is no object"
        elif any(isinstance(one, dict) for one in _object(value).values()):
            yield f"'{fields.path_of(name)}' holds an object"


def _names_of_states(fields: Fields) -> Iterator[str]:
    for kind in ("labels", "annotations"):
        for name in _object(fields.value(kind)):
            if _LABELS_OF_STATES.search(name):
                yield f"'{fields.path_of(f'{kind}.{name}')}' may say its state"


def _good_severities(fields: Fields) -> Iterator[str]:
    labels = _object(fields.value("labels"))
    for path, value in (("severity", fields.value("severity")), ("labels.severity", labels.get("severity"))):
        if means_good(text_of(value).strip()):
            yield f"'{fields.path_of(path)}' says '{quoted(value, SHOWN)}'"


def _good_words(fields: Fields) -> Iterator[str]:
    said = {name: value for name, value in fields.values.items() if name.lower() in _LINES | _PROSE}
    said["labels.alertname"] = _object(fields.value("labels")).get("alertname")
    for path, value in said.items():
        if word := _good_word(text_of(value), all_words=path.lower() not in _PROSE):
            yield f"'{fields.path_of(path)}' says '{kept(word)[:SHOWN]}'"


def foreign_field(fields: Fields, ours: tuple[str, ...]) -> str | None:
    """The path of a field that is not known to be harmless: rather one that names a state than another."""
    others = [name for name, value in fields.values.items() if name not in ours and not _is_harmless(name, value)]
    if not others:
        return None
    for number, path in enumerate(_within(fields.values, ours, "", DEEPEST)):
        if number >= MOST_SEARCHED:
            break
        if may_name_a_state(path.rpartition(".")[2]):
            return fields.path_of(path)
    return fields.path_of(others[0])


def state_beside_the_body(delivery: ReceivedDelivery) -> str | None:
    """The header or the parameter of the address that may speak of a state, as a part of a sentence."""
    for name, value in delivery.headers.items():
        foreign = name == _SENTRY or (name not in _HEADERS_OF_HTTP and may_name_a_state(name))
        if foreign or (name.startswith("x-") and status_of(value) is not None):
            return f"the header {kept(name)[:SHOWN]}"
    for name, value in parse_qsl(delivery.query, keep_blank_values=True):
        if may_name_a_state(name) or status_of(name) or status_of(value):
            return f"'{kept(name)[:SHOWN]}' in the address"
    return None


def may_name_a_state(name: str) -> bool:
    """Whether a field of this name may say whether an alert fires."""
    words = [word.lower() for word in _WORDS.findall(name)]
    return not _STATE_WORDS.isdisjoint(words) or _LABELS_OF_STATES.search(name) is not None


def is_zero_time(value: Any) -> bool:
    """Whether it is an instant that is not set, as Go writes it."""
    return isinstance(value, str) and value.startswith(f"{ZERO_YEAR:04}-")


def _lies_ahead(value: Any, now: datetime) -> bool:
    try:
        at = instant_of(value).at
    except ValueError:
        return False
    return at is None or at > now


def _is_harmless(name: str, value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return name.lower() in _HARMLESS and not any(isinstance(one, dict | list) for one in values)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _good_word(text: str, *, all_words: bool) -> str | None:
    words: list[str] = re.findall(r"[✅✔☑🟢💚]|[^\W\d_]+", text if all_words else text[:SHOWN])
    for word in words if all_words else words[:1]:
        if any(means_good(part) for part in (word, *_WORDS.findall(word))):
            return word
    return None


def _within(values: Mapping[str, Any], ours: tuple[str, ...], path: str, levels: int) -> Iterator[str]:
    """The paths of fields that are not ours: those of this object first, then those within them."""
    others = {name: value for name, value in values.items() if name not in ours and not _is_harmless(name, value)}
    for name in others:
        yield f"{path}{name}"
    for name, value in others.items() if levels else ():
        inner = value[0] if isinstance(value, list) and value else value
        if isinstance(inner, dict):
            yield from _within(inner, (), f"{path}{name}.", levels - 1)


MOST_ALERTS = 20_000
"""That are taken of one delivery: more than 16 MiB hold of any real size."""
MOST_UNREADABLE = 20
"""Objects without a known field that are kept of one delivery; the others are only counted."""
LONGEST_BEGINNING = 1_000


def with_paths(value: Any, path: str, warnings: Warnings) -> list[tuple[str, Any]]:
    """The alerts of a list with their places, as many as are taken at once; a warning where there are more."""
    if len(value) > MOST_ALERTS:
        message = f"{path or 'body'}: holds {len(value)} alerts, and the first {MOST_ALERTS} were taken"
        warnings.add(f"{message}; send fewer at once", not_understood=True)
    prefix = f"{path}." if path else ""
    return [(f"{prefix}{number}", alert) for number, alert in enumerate(value[:MOST_ALERTS])]


class Reader:
    """Goes through the alerts of one delivery: what is no object is warned of, what has no known field is kept."""

    def __init__(self, source: str, known: tuple[str, ...], received_at: datetime, warnings: Warnings) -> None:
        self._source = source
        self._known = known
        self._received_at = received_at
        self._warnings = warnings
        self._kept = 0

    def fields_of(self, value: Any, path: str) -> Fields | None:
        """The fields of what stands at a path; none where it is no object."""
        if isinstance(value, dict):
            return Fields(value, path, self._warnings)
        message = f"{path or 'body'}: has to be an object, and was left out: {shown_json(value, SHOWN)}"
        self._warnings.add(message, not_understood=True)
        return None

    def unreadable(self, fields: Fields) -> Report | None:
        """A report that says so, where no field is known; none beyond ``MOST_UNREADABLE``, which are only counted."""
        names = ", ".join(quoted(name, SHOWN) for name in list(fields.values)[:10])
        self._warnings.add(
            f"{fields.path}: has no field that is known to /webhooks/{self._source} "
            f"({', '.join(self._known)}), so it starts nothing; its fields are: {names or 'none'}",
            not_understood=True,
        )
        self._kept += 1
        if self._kept > MOST_UNREADABLE:
            return None
        fingerprint = digest(fields.values)
        alert = Alert(
            source=self._source,
            event_id=event_id_of(self._source, fingerprint, "unreadable", None),
            fingerprint=fingerprint,
            status="unreadable",
            description=kept(shown_json(fields.values, LONGEST_BEGINNING)),
            starts_at=self._received_at,
        )
        return Report(alert, start_known=False)
