"""Monit: what the program of ``docs/sources/monit.md`` posts of the environment that Monit runs it with."""

import re
from typing import Any

from alert_bridge.domain.fields import SHOWN, Fields
from alert_bridge.domain.form import Form, first
from alert_bridge.domain.source import Source
from alert_bridge.domain.status import LONGEST_WORD
from shared.contracts.alert import AlertStatus
from shared.redaction import quoted

NAME = "monit"
_EVENT = re.compile(
    r"(?P<what>.*?)\s*\b(?:(?P<bad>failed|exceeded|matched|down|does not exist|access error|type)"
    r"|(?P<good>succeeded|ok|recovery|up|exists)|(?P<noted>changed|not changed|match|doesn't match|done))"
)
"""What Monit watches, and how it stands; ``Timeout`` alone is bad."""
_SAME = {"": "existence", "invalid": "type"}


def _parts(fields: Fields) -> tuple[str, AlertStatus | None]:
    """What of a service the event is about, so that its end is known by it, and the status."""
    event = first(fields, ("MONIT_EVENT",)).strip().lower()
    found = _EVENT.fullmatch(event) if len(event) <= LONGEST_WORD else None
    if event == "timeout":
        return event, "firing"
    if found is None:
        return event, None
    what = _SAME.get(found["what"], found["what"])
    return what, "firing" if found["bad"] else "resolved" if found["good"] else "updated"


def _status(fields: Fields) -> AlertStatus | None:
    status = _parts(fields)[1]
    if status is None:
        word = quoted(fields.value("MONIT_EVENT"), SHOWN)
        sentence = f"'{word}' is no event of Monit that is known as bad or good, so it starts nothing"
        fields.warn("MONIT_EVENT", sentence, not_understood=True)
    return status


def _fingerprint(fields: Fields) -> str:
    host, service = first(fields, ("MONIT_HOST",)), first(fields, ("MONIT_SERVICE",))
    return f"{host}/{service}/{_parts(fields)[0]}" if service else ""


FORM = Form(
    source=NAME,
    known=("MONIT_EVENT", "MONIT_SERVICE"),
    status=_status,
    fingerprint=_fingerprint,
    title=("MONIT_DESCRIPTION", "MONIT_EVENT"),
    description=("MONIT_DESCRIPTION",),
    labels={
        "alertname": ("MONIT_SERVICE",),
        "instance": ("MONIT_HOST",),
        "service": ("MONIT_SERVICE",),
        "event": ("MONIT_EVENT",),
    },
    annotations={"program_status": ("MONIT_PROGRAM_STATUS",)},
)

EXAMPLE: dict[str, Any] = {
    "MONIT_SERVICE": "nginx",
    "MONIT_EVENT": "Connection failed",
    "MONIT_DESCRIPTION": "connection to port 80 refused",
    "MONIT_HOST": "web-1",
}

SOURCE = Source(
    NAME,
    "Monit",
    "Takes what the program of the documents posts. Events such as `Connection failed` fire, and such as `Connection "
    "succeeded` are resolved; those such as `Checksum changed` are noted.",
    EXAMPLE,
    FORM.read,
)
