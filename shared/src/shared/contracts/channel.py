"""Channels: where notifications go, and which of them actions and alert rules ask for."""

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, StringConstraints, field_validator, model_validator

from shared.contracts.definition import Definition, Reference, Strict
from shared.contracts.distinct import Distinct
from shared.contracts.model import Documented, Message
from shared.contracts.provider import SecretReference
from shared.contracts.values import Description, Name

NotificationEvent = Literal[
    "succeeded", "failed", "unknown", "cancelled", "rejected", "expired", "skipped", "awaiting_approval"
]
"""What is told of a run: how it ended, or that it, or a step of it, waits for people to approve."""
USUAL_EVENTS: list[NotificationEvent] = ["failed", "unknown", "awaiting_approval"]
MOST_NOTIFY = 20
LONGEST_URL = 2_000

_NOT_HTTP = "has to begin with https:// or http:// and name a host"
_NOT_AN_ADDRESS = (
    "is stored as a secret, since it holds what lets one write there: write url: {secret: NAME}, "
    "and store the address with: opsimate secrets set NAME"
)


def _http_address(url: str) -> str:
    """The address itself; ``ValueError`` for one that is no HTTP address, or holds who calls."""
    try:
        parts = urlsplit(url)
        port_fits = parts.port != 0
    except ValueError as error:
        raise ValueError(_NOT_HTTP) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_fits:
        raise ValueError(_NOT_HTTP)
    if any(letter.isspace() or not letter.isprintable() for letter in url) or not url.isascii():
        message = "may hold printable ASCII characters alone; write all others as %XX"
        raise ValueError(message)
    if parts.username is not None or parts.password is not None:
        message = "may hold no user and no password, as it is shown: who is called knows you by the signature"
        raise ValueError(message)
    if parts.fragment:
        message = "may hold no #fragment, which nobody would be sent"
        raise ValueError(message)
    return url


class ChannelWebhook(Strict):
    """A program of your own that is posted JSON, signed as Standard Webhooks say."""

    url: Annotated[str, StringConstraints(max_length=LONGEST_URL), AfterValidator(_http_address)]
    """Where it listens. It is shown to whoever may read channels, so it may hold no password."""
    signing_key: SecretReference
    """The secret that holds the key, ``whsec_`` and 24 to 64 bytes in base64: with it the receiver verifies who
    posted."""


_EXAMPLE: JsonValue = {"name": "on-call", "url": {"secret": "on-call-url"}}


class ChannelDefinition(Definition):
    """Where notifications go: an address of Apprise, or a program of your own."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    kind: Literal["channel"] = "channel"
    name: Name
    description: Description = ""
    url: SecretReference | None = None
    """The secret that holds the address as Apprise writes it: ``mailtos://…``, ``slack://…``, ``pagerduty://…``."""
    webhook: ChannelWebhook | None = None
    """Instead of ``url``: a program of your own."""

    @field_validator("url", mode="before")
    @classmethod
    def is_a_secret(cls, url: object) -> object:
        """An address in clear would be kept and shown."""
        if isinstance(url, str):
            raise ValueError(_NOT_AN_ADDRESS)  # noqa: TRY004 - one class for whatever a person has to mend
        return url

    @model_validator(mode="after")
    def leads_to_one(self) -> "ChannelDefinition":
        """There is one place that it leads to."""
        if (self.url is None) == (self.webhook is None):
            message = "has either url: {secret: NAME} or webhook: {url: https://…, signing_key: {secret: NAME}}"
            raise ValueError(message)
        return self

    def references(self) -> Iterator[Reference]:
        """The secret with its address, or with the key that signs."""
        if self.url is not None:
            yield Reference("secret", self.url.secret, "url.secret")
        if self.webhook is not None:
            yield Reference("secret", self.webhook.signing_key.secret, "webhook.signing_key.secret")


class Notify(Strict):
    """That a channel is told of runs."""

    channel: Name
    on: Annotated[list[NotificationEvent], Field(min_length=1, max_length=8), Distinct()] = USUAL_EVENTS
    """Of which outcomes, and whether of what waits for an approval."""

    @field_validator("on", mode="before")
    @classmethod
    def is_a_list(cls, on: object) -> object:
        """One event may stand without its list."""
        return [on] if isinstance(on, str) else on


Notifies = Annotated[list[Notify], Field(max_length=MOST_NOTIFY)]
"""Which channels are told of which runs."""


def channels_named(notify: Sequence[Notify]) -> Iterator[Reference]:
    """The channels that an action or an alert rule names."""
    for index, one in enumerate(notify):
        yield Reference("channel", one.channel, f"notify.{index}.channel")


class ChannelTestReport(Documented):
    """How sending a test notification went."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ok": True, "reason": None, "message": "The receiver has taken it."}]}
    )

    ok: bool
    reason: str | None = None
    """A word for what went wrong, as a notification has it; ``no_answer``: no alert-bridge answered."""
    message: str
    """What was found, in a sentence with the next thing to do."""


class TestChannel(Message):
    """Command: send a test notification to a channel and say how it went, to the instance that asks."""

    __test__ = False  # not a test class, whatever its name begins with
    kind: ClassVar[str] = "test_channel"
    channel: Name
    request_id: str
    reply_to: str
    """The instance whose own queue the answer goes to."""
    by: str
    """The name of who asked, for whoever reads the notification."""


class ChannelTested(Message):
    """Event: the answer to ``TestChannel``."""

    kind: ClassVar[str] = "channel_tested"
    request_id: str
    reply_to: str
    report: ChannelTestReport
