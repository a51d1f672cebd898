"""A source of alerts: how one kind of sender is spoken to, from the path and the proof of who it is to the answer."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import BaseModel, Field

from shared.contracts.alert import Alert
from shared.contracts.integration import Verification
from shared.contracts.values import instant_text
from shared.redaction import without_tokens

MOST_WARNINGS = 20
"""That an answer holds; of more it is said how many there are."""


@dataclass(frozen=True)
class ReceivedDelivery:
    """One POST, as it came in: what a signature is verified on."""

    body: bytes
    headers: Mapping[str, str]
    """By lower-case names."""
    received_at: datetime
    query: str = ""
    """Of the address, without its question mark."""
    method: str = "POST"


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

    def of_integration(self, name: str) -> "Report":
        """The report as one of an integration; of the source itself where the name is empty."""
        return replace(self, alert=self.alert.model_copy(update={"integration": name})) if name else self


class Warnings:
    """What the sender should know although all was taken that can be, in sentences; of many the first ones."""

    def __init__(self) -> None:
        self._of_all: list[str] = []
        self._of_one: list[str] = []
        self._count = 0
        self.not_understood: str | None = None
        """The first sentence about something that could not be understood as an alert in a status."""
        self.recorded: str | None = None
        """The first sentence about what was understood, and is no alert, such as a sender's test."""

    def add(self, sentence: str, *, not_understood: bool = False) -> None:
        """Warn of something in one alert."""
        sentence = without_tokens(sentence)
        if sentence in self._of_one:
            return
        self._count += 1
        if self._count <= MOST_WARNINGS:
            self._of_one.append(sentence)
        if not_understood and self.not_understood is None:
            self.not_understood = sentence

    def add_once(self, sentence: str) -> None:
        """Warn of what holds for the whole delivery: once, and before all that is about one alert."""
        if sentence not in self._of_all:
            self._of_all.append(sentence)

    def add_recorded(self, sentence: str) -> None:
        """Say of something that it was understood and is no alert."""
        self.recorded = self.recorded or sentence
        self.add_once(f"{sentence}; it is recorded, and starts nothing")

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


class NotTakenError(ValueError):
    """The body is nothing that its source takes, whole or in part; the text says why, and what it has to be."""


class NotJsonError(NotTakenError):
    """The body is not the JSON that it has to be."""


@dataclass(frozen=True)
class Integration:
    """A configured source, and how it knows its sender."""

    source: str
    name: str = ""
    """Empty for the source itself, whose senders show a token of ours."""
    verify: Verification = field(default_factory=Verification)
    secrets: Sequence[bytes] = field(default=(), repr=False)
    """Each of which verifies: several while one is changed for another."""


class NotVerifiedError(ValueError):
    """Whoever posts is not who it has to be; the text says why, naming what was looked at."""


Verifier = Callable[[ReceivedDelivery, Integration], None]
"""Looks at a whole delivery before anything is read in it; raises ``NotVerifiedError``."""


@dataclass(frozen=True)
class ByCertificate:
    """How bodies are signed with a key whose certificate the sender publishes."""

    address: Callable[[ReceivedDelivery, Integration], str]
    """Where the certificate is; ``NotVerifiedError`` where it is nowhere that a certificate of the sender can be."""
    verify: Callable[[ReceivedDelivery, bytes], None]
    """``NotVerifiedError`` where the certificate in PEM did not sign the body."""
    confirmation: Callable[[ReceivedDelivery], str | None]
    """The address that confirms what a verified delivery asks to confirm; none where it asks for nothing."""


@dataclass(frozen=True)
class SourceRoute:
    """An address at which a source is spoken to; ``{integration}`` in the path stands for an integration's name."""

    path: str
    methods: Sequence[str] = ("POST",)
    documented: bool = True
    """Whether the API's description has it; it need not have an address that another one stands for."""

    def leads_to(self, path: str) -> bool:
        """Whether a request with this path is one to this address, whatever its method."""
        return self._pattern.fullmatch(path) is not None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(self.path)) + "/?")


class Accepted(BaseModel):
    """Every alert is stored, and the runs that its rules ask for will be made."""

    accepted: int = Field(examples=[1])
    """How many alerts were reported, those that were known among them."""
    alerts: list[str] = Field(examples=[["01KB0V5W3Y3Q9M1QK5M6Y9T2XR"]])
    """Their ids for ``/api/v1/alerts/{id}``, in the order of the report."""
    warnings: list[str] = []
    """What was cut, left out or not understood, although everything was taken."""


@dataclass(frozen=True)
class Answer:
    """What a sender is answered once its delivery is stored."""

    body: bytes
    status: int = 202
    media_type: str = "application/json"


def what_was_accepted(_delivery: ReceivedDelivery, accepted: Accepted) -> Answer:
    """The answer of sources that have none of their own."""
    return Answer(accepted.model_dump_json().encode())


@dataclass(frozen=True)
class Source:
    """How one kind of sender is spoken to, and described to people who connect it."""

    name: str
    title: str
    description: str
    """How to connect it, in Markdown."""
    example: Mapping[str, Any] | Sequence[Any]
    read: Callable[[ReceivedDelivery], Batch]
    """Pure; raises ``NotJsonError``. Whatever JSON it is, what can be taken of it is taken, and the rest is told."""
    routes: Sequence[SourceRoute] = ()
    """By default those of ``/webhooks/NAME``."""
    methods: Sequence[str] = ("POST",)
    """Of those."""
    signature: Verifier | None = None
    """Looks whether the body is signed, as its senders do it; none where they do not."""
    certificate: ByCertificate | None = None
    """How its senders sign with a published certificate; none where they do not."""
    key_in_body: Callable[[ReceivedDelivery], str | None] | None = None
    """Finds the token, or the secret of an integration, that its senders show within the body; none elsewhere."""
    consent: Callable[[Mapping[str, str]], Mapping[str, str]] | None = None
    """The headers of the answer to an OPTIONS with these headers, by which its senders first ask whether they may post;
    none where they do not ask."""
    answer: Callable[[ReceivedDelivery, Accepted], Answer] = what_was_accepted
    answers_with: int = 202
    """The status of that answer."""

    def __post_init__(self) -> None:
        if not self.routes:
            paths = (f"/webhooks/{self.name}", f"/webhooks/{self.name}/{{integration}}")
            object.__setattr__(self, "routes", tuple(SourceRoute(path, self.methods) for path in paths))

    def is_verified_by_body(self, integration: Integration) -> bool:
        """Whether a body has to be read before it is known who sent it; otherwise the head of the request says so."""
        by_secret = self.signature is not None and integration.verify.hmac is not None
        return by_secret or (self.certificate is not None and integration.verify.sns is not None)

    def verify(self, delivery: ReceivedDelivery, integration: Integration) -> None:
        """See to it that the delivery is of the integration's sender; ``NotVerifiedError`` where it is not."""
        if self.signature is not None and integration.verify.hmac is not None:
            self.signature(delivery, integration)


def json_of(delivery: ReceivedDelivery) -> Any:
    """The body as JSON, whatever its Content-Type says; bytes that are not UTF-8 become U+FFFD."""
    try:
        return json.loads(delivery.body.decode("utf-8-sig", errors="replace"))
    except RecursionError as error:
        message = "it is nested too deeply"
        raise NotJsonError(message) from error
    except ValueError as error:
        raise NotJsonError(str(error) if delivery.body.strip() else "it is empty") from error


LONGEST_KEY = 200
"""In characters; a longer fingerprint or event id is kept as its digest."""


def digest(*parts: Any) -> str:
    """SHA-256 in hex of these parts of JSON; no other parts have the same, however they are cut."""
    return hashlib.sha256(json.dumps(parts, separators=(",", ":"), sort_keys=True).encode()).hexdigest()


def short_key(key: str) -> str:
    """The key itself, or its digest where it is long."""
    return key if len(key) <= LONGEST_KEY else digest(key)


def fingerprint_of(labels: Mapping[str, str], title: str = "") -> str:
    """What fires, where the sender has no fingerprint for it: the digest of its labels and title."""
    return digest(title, sorted(labels.items()))


def event_id_of(source: str, fingerprint: str, status: str, starts_at: datetime | None) -> str:
    """This very report, where the sender has no id for it."""
    return digest(source, fingerprint, status, instant_text(starts_at) if starts_at else "")


def identity_of(alert: Alert) -> str:
    """The key under which the newest episode of the alert's fingerprint is stored."""
    return digest(alert.source, alert.fingerprint, alert.integration)


def identity_when_over(alert: Alert, episode: str) -> str:
    """The key of an episode once another one of its fingerprint follows it."""
    return digest(alert.source, alert.fingerprint, instant_text(alert.starts_at), episode)


def identity_by_start(alert: Alert) -> str:
    """The key under which an earlier release stored an alert whose sender named its start."""
    return digest(alert.source, alert.fingerprint, instant_text(alert.starts_at))


def run_request_id(episode: str, rule: str, response: int, refire: int) -> str:
    """Names the run that a rule's response asks for, so that however often it is asked for, it is one."""
    return f"alert:{digest(episode, rule, response, refire)}"
