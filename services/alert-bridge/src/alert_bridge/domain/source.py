"""A source of alerts: something that posts to ``/webhooks/NAME`` in a form of its own."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alert_bridge.domain.masking import without_tokens
from shared.contracts.alert import Alert

MOST_WARNINGS = 20
"""That an answer holds; of more it is said how many there are."""


@dataclass(frozen=True)
class Delivery:
    """One POST, as it came in: what a signature is verified on."""

    body: bytes
    headers: Mapping[str, str]
    """By lower-case names."""
    received_at: datetime
    query: str = ""
    """Of the address, without its question mark."""


@dataclass(frozen=True)
class Report:
    """One alert in a delivery, and what of it the sender said itself."""

    alert: Alert
    start_known: bool = True
    """Whether ``starts_at`` is the sender's; otherwise it is the time of receipt."""
    end_known: bool = False
    """Whether ``ends_at`` is the sender's; otherwise it is the time of receipt."""
    event_known: bool = False
    """Whether ``event_id`` is the sender's; otherwise it was made of the rest."""
    silence_ends: bool = False
    """Whether its sender gives no starts, and may give no ends either, so that a long silence has to count as one."""


class Warnings:
    """What the sender should know although all was taken that can be, in sentences; of many the first ones."""

    def __init__(self) -> None:
        self._of_all: list[str] = []
        self._of_one: list[str] = []
        self._count = 0
        self.not_understood: str | None = None
        """The first sentence about something that could not be understood as an alert in a status."""

    def add(self, sentence: str, *, not_understood: bool = False) -> None:
        """Warn of something in one alert."""
        self._count += 1
        sentence = without_tokens(sentence)
        if self._count <= MOST_WARNINGS:
            self._of_one.append(sentence)
        if not_understood and self.not_understood is None:
            self.not_understood = sentence

    def add_once(self, sentence: str) -> None:
        """Warn of what holds for the whole delivery: once, and before all that is about one alert."""
        if sentence not in self._of_all:
            self._of_all.append(sentence)

    @property
    def sentences(self) -> list[str]:
        """What is told."""
        more = self._count - MOST_WARNINGS
        rest = [f"and {more} warnings more, which are left out here"] if more > 0 else []
        return [*self._of_all, *self._of_one, *rest]


@dataclass(frozen=True)
class Batch:
    """What a delivery says."""

    reports: list[Report] = field(default_factory=list)
    warnings: Warnings = field(default_factory=Warnings)

    def add(self, report: Report | None) -> None:
        """Take a report, if it is one."""
        if report is not None:
            self.reports.append(report)


class NotJsonError(ValueError):
    """The body is not the JSON that it has to be."""


@dataclass(frozen=True)
class Source:
    """How one kind of sender is understood, and described to people who connect it."""

    name: str
    title: str
    description: str
    """How to connect it, in Markdown."""
    example: Mapping[str, Any]
    read: Callable[[Delivery], Batch]
    """Pure; raises ``NotJsonError``. Whatever JSON it is, what can be taken of it is taken, and the rest is told."""


def json_of(delivery: Delivery) -> Any:
    """The body as JSON, whatever its Content-Type says; bytes that are not UTF-8 become U+FFFD."""
    try:
        return json.loads(delivery.body.decode("utf-8-sig", errors="replace"))
    except RecursionError as error:
        message = "it is nested too deeply"
        raise NotJsonError(message) from error
    except ValueError as error:
        raise NotJsonError(str(error) if delivery.body.strip() else "it is empty") from error
