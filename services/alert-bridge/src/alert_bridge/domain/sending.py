"""How a notification is signed, what an answer to it means, and when it is tried again. Pure."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from shared.contracts.notification import NotificationReason, StoredNotification

FIRST_DELAY, LONGEST_DELAY = 2.0, 3_600.0
"""Seconds before the second attempt, and between two of the last."""
LONGEST_RETRY_AFTER = 6 * 3_600.0
"""Seconds that a receiver can ask for."""
PASSES: frozenset[NotificationReason] = frozenset({"unreachable", "timed_out", "busy", "unknown"})
"""Reasons that may pass by themselves: with one of them it is tried again."""
_BUSY = frozenset({408, 423, 425, 429})
_MARKUP = str.maketrans({"<": "\u2039", ">": "\u203a"})
_CALL_OR_LINK = re.compile(r"(?<!\w)@|@(?=(?:all|channel|everyone|here)\b)|\](?=[(\[:])", re.IGNORECASE)
_UNSEEN = "\u200b"
_KEY_PREFIX = "whsec_"
SHORTEST_KEY, LONGEST_KEY = 24, 64
"""Bytes."""


@dataclass(frozen=True)
class Sent:
    """What came of one attempt to deliver."""

    reason: NotificationReason | None
    """None where it was delivered."""
    message: str
    """In a sentence, without any part of the address."""
    retry_after: float | None = None
    """Seconds that the receiver asks to be left alone."""
    delivered_to: Sequence[str] = ()
    """Those of several recipients that have it."""

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver has taken it."""
        return self.reason is None


class UnusableChannelError(Exception):
    """A channel cannot be used as it is; in a sentence."""


def signing_key(text: str) -> bytes:
    """The bytes of a key as Standard Webhooks write it; ``UnusableChannelError`` where it is none."""
    try:
        key = base64.b64decode(text.strip().removeprefix(_KEY_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.strip().startswith(_KEY_PREFIX) or not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        message = (
            f"the signing key has to be {_KEY_PREFIX} and {SHORTEST_KEY} to {LONGEST_KEY} bytes in base64: "
            f'make one with: echo "{_KEY_PREFIX}$(openssl rand -base64 32)"'
        )
        raise UnusableChannelError(message)
    return key


def without_markup(text: str) -> str:
    """A text that chats show as it is: it calls nobody (``@everyone``), and has no tag and no link with another face.

    Alerts bring texts from outside, and each service reads other letters of them as its own. What it changes looks
    nearly as before.
    """
    return _CALL_OR_LINK.sub(rf"\g<0>{_UNSEEN}", text.translate(_MARKUP))


def posted(notification: StoredNotification) -> bytes:
    """The bytes that a program is posted: the same with every attempt."""
    return json.dumps(notification.body, separators=(",", ":"), ensure_ascii=False).encode()


def signed_headers(key: bytes, notification_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers by which a receiver knows who posted, what and when, as Standard Webhooks have them."""
    timestamp = str(int(now.timestamp()))
    signature = hmac.digest(key, b".".join([notification_id.encode(), timestamp.encode(), body]), hashlib.sha256)
    return {
        "content-type": "application/json",
        "webhook-id": notification_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def answered(status: int, retry_after: str | None, now: datetime) -> Sent:
    """What an HTTP answer means."""
    if 200 <= status < 300:  # noqa: PLR2004 - the classes of answers
        return Sent(None, f"The receiver has taken it ({status}).")
    if 300 <= status < 400:  # noqa: PLR2004
        return Sent(
            "redirected",
            f"the receiver answered with a redirect ({status}), which is not followed, as it would lose what is "
            "posted: put the address that it leads to into the channel",
        )
    if status in _BUSY or status >= 500:  # noqa: PLR2004
        message = f"the receiver answered that it cannot take it now ({status})"
        return Sent("busy", message, _seconds_of(retry_after, now))
    return Sent(
        "refused",
        f"the receiver answered that it will not take it ({status}): see that the address is right, and lets us in",
    )


def mail_answered(code: int) -> Sent:
    """What a mail server's refusal means."""
    if 400 <= code < 500:  # noqa: PLR2004 - the classes of answers
        return Sent("busy", f"the mail server answered that it cannot take it now ({code})")
    return Sent(
        "refused",
        f"the mail server answered that it will not take it ({code}): "
        "see that user and password are right, and that it knows sender and recipients",
    )


def _seconds_of(retry_after: str | None, now: datetime) -> float | None:
    """The seconds that a ``Retry-After`` says, which is a number of them or an instant."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text)
    else:
        try:
            instant = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        seconds = (instant.replace(tzinfo=instant.tzinfo or UTC) - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def next_attempt(notification: StoredNotification, sent: Sent, now: datetime, chance: float) -> datetime | None:
    """When a notification that was not delivered is tried again; none where it is given up.

    ``chance``, from 0 to 1, makes the pause half as long to half as long again, so that not all come at once.
    """
    if sent.reason not in PASSES:
        return None
    doubled = FIRST_DELAY * 2.0 ** min(notification.attempts - 1, 20)
    pause = min(doubled, LONGEST_DELAY) * (0.5 + chance)
    at = now + timedelta(seconds=max(pause, sent.retry_after or 0.0))
    return at if at <= notification.give_up_at else None
