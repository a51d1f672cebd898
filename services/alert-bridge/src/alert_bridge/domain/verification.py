"""How the sender of an integration is known: by what the head of its requests shows, or by how it signs the body.

Every secret is compared in constant time, and of the body no more is worked out than one digest for each secret.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, unquote_plus

from alert_bridge.domain.source import Integration, NotVerifiedError, ReceivedDelivery, Verifier
from shared.contracts.integration import BasicVerification, TokenVerification

SIGNED_WITHIN = 300.0
"""Seconds around our clock in which a signature with a time has to be made."""
_SIGNATURE = re.compile("[0-9a-f]{64}")
_SECONDS = re.compile("[0-9]{1,12}")
MOST_SIGNATURES = 10
"""In one header: a sender that changes its secret signs with two."""


# By the head


def head_shows(integration: Integration, headers: Mapping[str, str], query: str) -> bool:
    """Whether the head of a request shows a secret of the integration where its sender has to show it."""
    shown = _secret_shown(integration, headers, query)
    if shown is None:
        return False
    return any(hmac.compare_digest(shown, secret) for secret in integration.secrets)


def _secret_shown(integration: Integration, headers: Mapping[str, str], query: str) -> bytes | None:
    verify = integration.verify
    if verify.basic is not None:
        user, password = _basic(headers)
        return password if hmac.compare_digest(user, verify.basic.user.encode()) else None
    if verify.token is None:
        return None
    if verify.token.query is not None:
        values = [value for name, value in parse_qsl(query, keep_blank_values=True) if name == verify.token.query]
        return values[0].encode() if len(values) == 1 else None
    if verify.token.header is not None:
        given = headers.get(verify.token.header.lower())
        return None if given is None else _bytes_of(given.strip())
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return _bytes_of(token.strip()) if scheme.lower() == "bearer" else _basic(headers)[1]


def _basic(headers: Mapping[str, str]) -> tuple[bytes, bytes]:
    """User and password of HTTP Basic; both empty where there is none."""
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return b"", b""
    try:
        user, _, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except ValueError:
        return b"", b""
    return user, password


def _bytes_of(header: str) -> bytes:
    """What was sent: a server hands headers out as Latin-1, which knows every byte."""
    return header.encode("latin-1", errors="replace")


def how_it_is_shown(way: TokenVerification | BasicVerification) -> str:
    """Where a sender has to show its secret, as a part of a sentence."""
    if isinstance(way, BasicVerification):
        return f"HTTP Basic with the user '{way.user}'"
    if way.query is not None:
        return f"the parameter '{way.query}' of the address"
    return "'Authorization: Bearer'" if way.header is None else f"the header {way.header}"


def without_credential(integration: Integration, query: str) -> str:
    """The query of the address without what let the sender in."""
    token = integration.verify.token
    if token is None or token.query is None:
        return query
    return "&".join(pair for pair in query.split("&") if unquote_plus(pair.partition("=")[0]) != token.query)


def credential_header(integration: Integration) -> str | None:
    """The header by which the sender was let in, in lower case; none where that is ``Authorization`` or none."""
    token = integration.verify.token
    return None if token is None or token.header is None else token.header.lower()


# By the body


def signed_body(header: str, *, prefix: str = "") -> Verifier:
    """The verifier of a header that holds HMAC-SHA256 over the raw body in lower-case hex.

    ``prefix`` may stand before the digits. Of several signatures, with commas between, one has to fit.
    """

    def verify(delivery: ReceivedDelivery, integration: Integration) -> None:
        way = integration.verify.hmac
        name = (way.header if way is not None else None) or header
        given = delivery.headers.get(name.lower())
        if given is None:
            message = f"the header {name} is missing, by which the integration '{integration.name}' knows its sender"
            raise NotVerifiedError(message)
        signatures = [one.strip().removeprefix(prefix) for one in given.split(",", MOST_SIGNATURES)]
        before = _signed_before_body(delivery, way.timestamp_header if way is not None else None)
        # What cannot be one costs no digest: anybody can send it.
        secrets = integration.secrets if any(map(_SIGNATURE.fullmatch, signatures)) else ()
        digests = [_digest(secret, before, delivery.body) for secret in secrets]
        if not any(_fits(signature, digests) for signature in signatures):
            message = (
                f"the header {name} does not fit the body: the sender signs with another secret than the integration "
                f"'{integration.name}' has, or something on the way changed the body"
            )
            raise NotVerifiedError(message)

    return verify


def _signed_before_body(delivery: ReceivedDelivery, header: str | None) -> bytes:
    """The time that is signed before the body, where one is; ``NotVerifiedError`` where it is not of now."""
    if header is None:
        return b""
    at = delivery.headers.get(header.lower(), "").strip()
    if not _SECONDS.fullmatch(at):
        message = f"the header {header} has to hold the seconds since 1970 at which the body was signed"
        raise NotVerifiedError(message)
    if abs(delivery.received_at.timestamp() - int(at)) > SIGNED_WITHIN:
        message = (
            f"the header {header} says that the body was signed more than five minutes from now: it was "
            "sent again, or the clock of the sender or of this machine is wrong"
        )
        raise NotVerifiedError(message)
    return f"{at}:".encode()


def _digest(secret: bytes, before: bytes, body: bytes) -> bytes:
    digest = hmac.new(secret, before, hashlib.sha256)
    digest.update(body)
    return digest.hexdigest().encode()


def _fits(signature: str, digests: Sequence[bytes]) -> bool:
    shown = _bytes_of(signature)
    return any(hmac.compare_digest(shown, digest) for digest in digests)
