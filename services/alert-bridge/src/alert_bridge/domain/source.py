"""A source of alerts: something that posts to ``/webhooks/NAME`` in a form of its own."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.contracts.alert import Alert


@dataclass(frozen=True)
class Delivery:
    """One POST, as it came in: what a signature is verified on."""

    body: bytes
    headers: Mapping[str, str]
    received_at: datetime


@dataclass(frozen=True)
class Report:
    """One alert in a delivery, and what of its identity the sender said itself."""

    alert: Alert
    start_known: bool = True
    """Whether ``starts_at`` is the sender's; otherwise it is the time of receipt."""
    event_known: bool = False
    """Whether ``event_id`` is the sender's; otherwise it was made of the rest."""


@dataclass(frozen=True)
class Batch:
    """What a delivery says."""

    reports: list[Report] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    """What the sender should know although everything was taken, in sentences."""


class NotJsonError(ValueError):
    """The body is not the JSON that it has to be."""


class MalformedPayloadError(ValueError):
    """The body is JSON of a shape that holds no alerts: ``field`` says where, ``message`` what is expected."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


@dataclass(frozen=True)
class Source:
    """How one kind of sender is understood, and described to people who connect it."""

    name: str
    title: str
    description: str
    """How to connect it, in Markdown."""
    example: Mapping[str, Any]
    read: Callable[[Delivery], Batch]
    """Pure; raises ``NotJsonError`` and ``MalformedPayloadError``."""


def json_of(delivery: Delivery) -> Any:
    """The body as JSON, whatever its Content-Type says; bytes that are not UTF-8 become U+FFFD."""
    try:
        return json.loads(delivery.body.decode("utf-8-sig", errors="replace"))
    except RecursionError as error:
        message = "it is nested too deeply"
        raise NotJsonError(message) from error
    except ValueError as error:
        raise NotJsonError(str(error) if delivery.body.strip() else "it is empty") from error
