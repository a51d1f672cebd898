"""Healthchecks: its webhook with the body, or the address, of ``docs/sources/healthchecks.md``."""

from typing import Any

from alert_bridge.domain.form import Form, Words, keys, tags_of
from alert_bridge.domain.source import Source

NAME = "healthchecks"

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
