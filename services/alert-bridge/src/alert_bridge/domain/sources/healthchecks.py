"""Healthchecks: its webhook with the body, or the address, of ``docs/sources/healthchecks.md``."""

from typing import Any

from alert_bridge.domain.fields import Fields
from alert_bridge.domain.form import Form, Words, first, keys, tags_of
from alert_bridge.domain.source import Source

NAME = "healthchecks"


def _is_no_alert(fields: Fields) -> str | None:
    """Its tests are of a check of this name, which is not stored."""
    return "this is a test of Healthchecks" if first(fields, ("name", "title")) == "TEST" else None


FORM = Form(
    source=NAME,
    known=("status", "code"),
    status=Words(
        "status",
        {"down": "firing", "up": "resolved", "grace": "updated", "new": "updated", "paused": "updated"},
    ),
    fingerprint=keys("code", "fingerprint", "uuid", "all.uuid"),
    title=("name", "title"),
    labels={"alertname": ("name", "title"), "check": ("name", "title"), "slug": ("slug", "all.slug")},
    further_labels=tags_of("tags", between=" "),
    changed_at=("now", "at"),
    description=("desc",),
    is_no_alert=_is_no_alert,
)

EXAMPLE: dict[str, Any] = {
    "name": "backup of db-1",
    "status": "down",
    "code": "3e975cea-ebe2-4e41-829d-c8aa943b08b5",
    "now": "2026-01-31T12:00:00+00:00",
    "tags": "env:prod db",
}

SOURCE = Source(
    NAME,
    "Healthchecks",
    "Takes its webhook with the body of the documents, by POST, or by GET with `status`, `code` and `name` in the "
    "address. `down` fires and `up` is resolved.",
    EXAMPLE,
    FORM.read,
    methods=("POST", "PUT", "GET"),
)
