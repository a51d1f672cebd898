"""Integrations: sources with credentials of their own."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, StringConstraints, field_validator, model_validator

from shared.contracts.definition import Definition, Reference, Strict
from shared.contracts.distinct import Distinct
from shared.contracts.values import Description, Name

Secrets = Annotated[list[Name], Field(min_length=1, max_length=5), Distinct()]
"""The names of stored secrets, each of which verifies: several while one is changed for another."""

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_TOPIC = re.compile(r"arn:aws[a-z-]{0,20}:sns:[a-z0-9-]{3,30}:[0-9]{12}:[A-Za-z0-9_.-]{1,256}")
_TAKEN_HEADERS = frozenset(("cookie", "host", "content-length", "content-type", "transfer-encoding", "connection"))


def _a_header(name: str) -> str:
    if not _HEADER.fullmatch(name):
        message = "is no name of a header: it has letters, digits and hyphens, such as X-Signature"
        raise ValueError(message)
    if name.lower() in _TAKEN_HEADERS:
        message = f"cannot be {name}, which every request has for something else; name a header such as X-Signature"
        raise ValueError(message)
    return name


HeaderName = Annotated[str, AfterValidator(_a_header)]


class TokenVerification(Strict):
    """The sender shows one of these secrets: as ``Authorization: Bearer``, or else where this says."""

    secrets: Secrets
    header: HeaderName | None = None
    """The header that holds it, with nothing before it, for senders that cannot send ``Authorization: Bearer``."""
    query: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,100}$")] | None = None
    """The parameter of the address that holds it, for senders that can send no header: others on the way may log it."""

    @model_validator(mode="after")
    def is_in_one_place(self) -> "TokenVerification":
        """Which of two places counts would be anybody's guess."""
        if self.header is not None and self.query is not None:
            message = "the token is shown in a header or in the address: keep header or query"
            raise ValueError(message)
        return self


class BasicVerification(Strict):
    """The sender shows this user, and one of these secrets as the password, by HTTP Basic."""

    user: Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]
    secrets: Secrets

    @field_validator("user")
    @classmethod
    def has_no_colon(cls, user: str) -> str:
        """In HTTP Basic the first colon ends the user."""
        if ":" in user:
            message = "holds a colon, which ends the user in HTTP Basic: leave it out, here and at the sender"
            raise ValueError(message)
        return user


class HmacVerification(Strict):
    """The sender signs the body with a secret that both sides know."""

    secrets: Secrets
    header: HeaderName | None = None
    """The header that holds the signature; none: the one in which this source's senders put it."""
    timestamp_header: HeaderName | None = None
    """The header that holds the seconds since 1970 that are signed before the body, with a colon between; what was
    signed more than five minutes ago is refused. None: the body alone is signed.
    """


def _a_topic(arn: str) -> str:
    if not _TOPIC.fullmatch(arn):
        message = "is no ARN of a topic of SNS, such as arn:aws:sns:eu-central-1:123456789012:alarms"
        raise ValueError(message)
    return arn


Topic = Annotated[str, AfterValidator(_a_topic)]


class SnsVerification(Strict):
    """Amazon SNS signs what it posts, with a key whose certificate Amazon publishes."""

    topics: Annotated[list[Topic], Field(min_length=1, max_length=50), Distinct()]
    """The ARNs of the topics whose messages are taken, and whose subscriptions are confirmed."""


class Verification(Strict):
    """How the sender is known. Nothing given: by one of our tokens."""

    token: TokenVerification | None = None
    basic: BasicVerification | None = None
    hmac: HmacVerification | None = None
    sns: SnsVerification | None = None

    @model_validator(mode="after")
    def is_one_way(self) -> "Verification":
        """Who knows one of two ways in would not need the other."""
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) > 1:
            message = f"is one way to know the sender, and these are {len(given)}: {', '.join(given)}; keep one of them"
            raise ValueError(message)
        return self

    @property
    def by_secrets(self) -> TokenVerification | BasicVerification | HmacVerification | None:
        """The way that is given, where it is by secrets of ours."""
        return self.token or self.basic or self.hmac


_BY_SECRETS = ("token", "basic", "hmac")


_EXAMPLE: JsonValue = {
    "name": "on-call",
    "source": "generic",
    "verify": {"hmac": {"secrets": ["deploy-key"]}},
}


class IntegrationDefinition(Definition):
    """A source of alerts with credentials of its own."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    kind: Literal["integration"] = "integration"
    name: Name
    description: Description = ""
    source: Annotated[str, StringConstraints(max_length=63)]
    """One of ``ALERT_SOURCES``, which is checked when an integration is saved."""
    verify: Verification = Verification()

    def references(self) -> Iterator[Reference]:
        """The secrets that verify its sender."""
        for method in _BY_SECRETS:
            given = getattr(self.verify, method)
            for index, name in enumerate(given.secrets if given is not None else ()):
                yield Reference("secret", name, f"verify.{method}.secrets.{index}")
