"""How a source writes an alert, as a declaration: which field says what. All sources are read by the same rules.

A field is named by its path, with dots between the names of objects; of several paths the first that is filled counts.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alert_bridge.domain.bodies import values_of
from alert_bridge.domain.fields import (
    LONGEST_ADDRESS,
    LONGEST_LABEL,
    LONGEST_LINE,
    LONGEST_TEXT,
    MOST_NAMES,
    SHOWN,
    Fields,
    text_of,
)
from alert_bridge.domain.source import Batch, ReceivedDelivery, Report, digest, event_id_of, short_key
from alert_bridge.domain.status import Reader, severity_of, with_paths
from shared.contracts.alert import Alert, AlertStatus, Severity
from shared.redaction import quoted

Paths = tuple[str, ...]
_Instant = datetime | None


def first(fields: Fields, paths: Iterable[str], longest: int = LONGEST_ADDRESS) -> str:
    """The text of the first of these fields that is filled; empty where none is."""
    texts = (fields.inner(path.rpartition(".")[0]).filled(path.rpartition(".")[2], longest) for path in paths)
    return next((text for text in texts if text.strip()), "")


def value_at(fields: Fields, path: str) -> Any:
    """What stands at a path; None where nothing does."""
    outer, _, name = path.rpartition(".")
    return fields.inner(outer).value(name)


@dataclass(frozen=True)
class Words:
    """What the words at a path mean. A word that is not among them starts nothing, and is told."""

    path: str
    meanings: Mapping[str, AlertStatus]
    """By words in lower case; numbers stand as their digits."""

    def __call__(self, fields: Fields) -> AlertStatus | None:
        """The status; none, with a warning, where the field is missing or not understood."""
        outer, _, name = self.path.rpartition(".")
        fields = fields.inner(outer)
        value = fields.value(name)
        known = None if isinstance(value, bool | dict | list) else self.meanings.get(text_of(value).strip().lower())
        if known is None:
            given = f"'{quoted(value, SHOWN)}' is not known as a status here" if value is not None else "is missing"
            sentence = f"{given}, so this was taken as 'updated' and starts nothing"
            fields.warn(name, f"{sentence}; known are: {', '.join(self.meanings)}", not_understood=True)
        return known


@dataclass(frozen=True)
class Form:
    """How a source writes an alert."""

    source: str
    known: Paths
    """The fields of which an object of this source has one at least; another object is unreadable."""
    status: Callable[[Fields], AlertStatus | None]
    """None where it is not understood, which has been told then."""
    fingerprint: Callable[[Fields], str]
    """What fires, the same for every report of it; empty where the sender left it out."""
    title: Paths
    severity: Paths = ()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    """What this source's own words for severities mean, in lower case; all others are read as with everybody."""
    description: Paths = ()
    labels: Mapping[str, Paths] = field(default_factory=dict)
    further_labels: Callable[[Fields], dict[str, str]] = lambda _fields: {}
    """Those whose names the sender chose, such as tags."""
    annotations: Mapping[str, Paths] = field(default_factory=dict)
    starts_at: Paths = ()
    ends_at: Paths = ()
    changed_at: Paths = ()
    """When it came into the status that is reported: the start of one that fires, the end of one that is over."""
    in_utc: bool = False
    """Whether its times name no zone and are in UTC, so that nothing has to be said of that."""
    event_id: Callable[[Fields], str] = lambda _fields: ""
    """Names this very report; empty where nothing does."""
    url: Paths = ()
    group_key: Paths = ()
    source_instance: Paths = ()
    is_no_alert: Callable[[Fields], str | None] = lambda _fields: None
    """What an object is that is none: a sender's test, or something that it tells besides; as part of a sentence."""
    alerts_in: Callable[[Any, Batch], list[tuple[str, Any]]] = lambda body, _batch: [("", body)]
    """The alerts of a body, with their paths."""

    def read(self, delivery: ReceivedDelivery) -> Batch:
        """All the alerts of a delivery."""
        batch = Batch()
        reader = Reader(self.source, self.known, delivery.received_at, batch.warnings)
        body = values_of(delivery)
        alerts = with_paths(body, "", batch.warnings) if isinstance(body, list) else self.alerts_in(body, batch)
        if not alerts:
            batch.warnings.add_recorded("the body holds no alert")
        for path, value in alerts:
            fields = reader.fields_of(value, path)
            if fields is None:
                continue
            if no_alert := self.is_no_alert(fields):
                batch.warnings.add_recorded(no_alert)
            elif any(value_at(fields, path) is not None for path in self.known):
                batch.add(self.report(fields, delivery.received_at))
            else:
                batch.add(reader.unreadable(fields))
        return batch

    def report(self, fields: Fields, received_at: datetime) -> Report:
        """What is made of one alert."""
        status = self.status(fields) or "updated"
        labels = self._labels(fields)
        annotations = {name: first(fields, paths, LONGEST_TEXT) for name, paths in self.annotations.items()}
        title = first(fields, self.title, LONGEST_LINE)
        fingerprint = short_key(self.fingerprint(fields)) or self._made_of_all(fields)
        starts_at, ends_at = self._times(fields, status, received_at)
        event_id = short_key(self.event_id(fields))
        alert = Alert(
            source=self.source,
            source_instance=first(fields, self.source_instance),
            event_id=event_id or event_id_of(self.source, fingerprint, status, starts_at),
            fingerprint=fingerprint,
            group_key=first(fields, self.group_key),
            status=status,
            severity=self._severity(fields),
            title=title,
            description=first(fields, self.description, LONGEST_TEXT),
            labels=labels,
            annotations={name: text for name, text in annotations.items() if text},
            starts_at=starts_at or received_at,
            ends_at=(ends_at or received_at) if status == "resolved" else None,
            url=first(fields, self.url),
        )
        return Report(
            alert,
            start_known=starts_at is not None,
            end_known=ends_at is not None,
            event_known=bool(event_id),
            silence_ends=starts_at is None and not event_id,
        )

    def _labels(self, fields: Fields) -> dict[str, str]:
        found = {name: first(fields, paths, LONGEST_LABEL) for name, paths in self.labels.items()}
        declared = {name: text for name, text in found.items() if text}
        given = fields.short_texts(self.further_labels(fields), "labels")
        return {name: text for name, text in (given | declared).items() if text}

    def _severity(self, fields: Fields) -> Severity:
        for path in self.severity:
            word = first(fields, (path,)).strip().lower()
            known = self.severities.get(word) or severity_of(word)
            if known != "unknown":
                return known
        return "unknown"

    def _times(
        self, fields: Fields, status: AlertStatus, received_at: datetime
    ) -> tuple[datetime | None, datetime | None]:
        """Start and end, as far as the sender says them."""
        starts = self.starts_at + (self.changed_at if status == "firing" else ())
        starts_at = self._instant(fields, starts, received_at)
        if status != "resolved":
            return starts_at, None
        return starts_at, self._instant(fields, self.ends_at + self.changed_at, received_at)

    def _instant(self, fields: Fields, paths: Paths, received_at: datetime) -> datetime | None:
        for path in paths:
            outer, _, name = path.rpartition(".")
            within = fields.inner(outer)
            if within.filled(name) and (at := within.past_instant(name, received_at, in_utc=self.in_utc)) is not None:
                return at
        return None

    def _made_of_all(self, fields: Fields) -> str:
        fields.warn("fingerprint", "nothing here names what fires, so that every other body is an alert of its own")
        return digest(fields.values)


def keys(*paths: str) -> Callable[[Fields], str]:
    """A fingerprint, or an event id, of the first of these fields that names something."""

    def key(fields: Fields) -> str:
        for path in paths:
            outer, _, name = path.rpartition(".")
            within = fields.inner(outer)
            if within.filled(name) and (found := within.key(name)):
                return found
        return ""

    return key


def tags_of(path: str, *, between: str = ",") -> Callable[[Fields], dict[str, str]]:
    """Labels of tags: of ``env:prod,web``, or of a list of such texts, of pairs, or of objects of a name and a value.

    A tag without a value has ``true``.
    """

    def tags(fields: Fields) -> dict[str, str]:
        value = value_at(fields, path)
        given = value.split(between) if isinstance(value, str) else value if isinstance(value, list) else []
        pairs = (_name_and_value(tag) for tag in given[:MOST_NAMES])
        return {name: text or "true" for name, text in pairs if name and not name.startswith("$")}

    return tags


_NAMES_OF_TAGS = ("tag", "name", "key")


def _name_and_value(tag: Any) -> tuple[str, str]:
    if isinstance(tag, dict):
        name = next((tag[one] for one in _NAMES_OF_TAGS if isinstance(tag.get(one), str)), "")
        return name.strip(), text_of(tag.get("value")).strip()
    if isinstance(tag, list):
        name, value, *_ = [*map(text_of, tag), "", ""]
        return name.strip(), value.strip()
    name, _, value = text_of(tag).strip().partition(":")
    return name.strip(), value.strip()


def texts_of(path: str) -> Callable[[Fields], dict[str, str]]:
    """Labels of an object of names and texts."""

    def texts(fields: Fields) -> dict[str, str]:
        outer, _, name = path.rpartition(".")
        return fields.inner(outer).texts(name)

    return texts


def joined(*paths: str) -> Callable[[Fields], str]:
    """A fingerprint of all these fields together; empty where the first is."""

    def key(fields: Fields) -> str:
        texts = [first(fields, (path,)) for path in paths]
        return "/".join(text for text in texts if text) if texts[0] else ""

    return key
