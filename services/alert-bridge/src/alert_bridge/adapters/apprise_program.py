"""The program that sends by Apprise, and the only place that knows it. It is run in a process of its own.

Each line of its input is a notification with its address, each line of its output says what became of it. No word of
Apprise leaves it, as those name addresses: what went wrong is told by what was seen on the way, an HTTP status, a mail
server's code or the class of an error.
"""

import contextlib
import hashlib
import hmac
import json
import logging
import os
import resource
import signal
import smtplib
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import urllib3

MOST_MEMORY = 1024**3
MOST_READ = 65_536
"""Bytes of an answer that are read."""
LONGEST_READ = 2.0
"""Seconds in which they are, once its head has come."""
INTERRUPTED_AGAIN = 1.0
"""Seconds between two interruptions: a library that tidies up may hang in that, too."""
_LOCAL = frozenset({"blink1", "dbus", "glib", "gnome", "macosx", "syslog", "windows"})
"""Modules of Apprise that tell nobody but who sits at this machine."""
_TYPES = {"succeeded": "success", "failed": "failure", "unknown": "failure", "awaiting_approval": "warning"}


class Seen:
    """What was seen of the exchanges with receivers: the newest answer, and the newest error."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}

    def answer(self, status: int, retry_after: str | None) -> None:
        """An HTTP answer came."""
        self.told = {"status": status, "retry_after": retry_after}

    def error(self, error: BaseException) -> None:
        """Something went wrong before an answer came."""
        code = getattr(error, "smtp_code", None)
        self.told = {"mail": code} if isinstance(code, int) and code > 0 else {"error": _class_of(error)}

    def refused(self, codes: list[int]) -> None:
        """A mail server took it for some recipients alone."""
        self.told = {"mail": min(codes)}


def _class_of(error: BaseException | None) -> str:
    """What kind of error it is, also where a library has wrapped it."""
    text = ""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return "certificate"
        if isinstance(error, socket.gaierror):
            return "unknown_host"
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return "no_log_in"
        text += f" {type(error).__name__}"
        inner = [one for one in error.args if isinstance(one, BaseException)]
        error = error.__cause__ or error.__context__ or (inner[0] if inner else getattr(error, "reason", None))
        error = error if isinstance(error, BaseException) else None
    known = {"NameResolution": "unknown_host", "Timeout": "timed_out", "timeout": "timed_out"}
    return next((kind for part, kind in known.items() if part in text), "unreachable")


SEEN = Seen()


def _beginning(raw: Any) -> bytes:
    """What comes of an answer's body in good time: whoever answers a byte a second has answered all the same."""
    found, until = b"", time.monotonic() + LONGEST_READ
    with contextlib.suppress(urllib3.exceptions.ReadTimeoutError):
        while len(found) < MOST_READ and time.monotonic() < until:
            if not (part := raw.read1(MOST_READ - len(found), decode_content=True)):
                break
            found += part
    return found


def _watch_http() -> None:
    """Forbid redirects, which turn a post into a question that is answered well, and read no more than is needed."""
    import requests

    really = requests.Session.send

    def send(self: Any, request: Any, **given: Any) -> Any:
        given |= {"allow_redirects": False, "stream": True}
        try:
            answer = really(self, request, **given)
            answer._content = _beginning(answer.raw)  # noqa: SLF001
            answer._content_consumed = True  # noqa: SLF001
            answer.close()
        except Exception as error:
            SEEN.error(error)
            raise
        SEEN.answer(answer.status_code, answer.headers.get("retry-after"))
        return answer

    requests.Session.send = send  # type: ignore[method-assign]


def _watch_mail() -> None:
    """Note what mail servers answer: Apprise tells that in its log alone."""

    def watched(really: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **given: Any) -> Any:
            try:
                result = really(*args, **given)
            except smtplib.SMTPRecipientsRefused as error:
                SEEN.refused([code for code, _ in error.recipients.values()])
                raise
            except Exception as error:
                SEEN.error(error)
                raise
            if really.__name__ == "sendmail" and result:
                SEEN.refused([code for code, _ in result.values()])
            return result

        return call

    for name in ("connect", "starttls", "login", "sendmail"):
        setattr(smtplib.SMTP, name, watched(getattr(smtplib.SMTP, name)))


class TookTooLongError(BaseException):
    """The time for a notification is over. No ``Exception``, as those are what libraries take for answers."""


@contextlib.contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer, wherever it is: ``TookTooLongError``."""

    def interrupt(*_: object) -> None:
        raise TookTooLongError

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds, INTERRUPTED_AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Recipients:
    """Which of several recipients have a notification: each by a hash with the address for its key, which tells nothing
    to whoever has not the address.
    """

    def __init__(self, address: str, delivered_to: list[str]) -> None:
        self._key = address.encode()
        self.done = dict.fromkeys(delivered_to)

    def is_delivered(self, key: Any, per_message: bool = False) -> bool:
        """Whether an earlier attempt reached this one."""
        return self._name(key, per_message) in self.done

    def mark_delivered(self, key: Any, per_message: bool = False) -> None:
        """Note that this one has it."""
        self.done[self._name(key, per_message)] = None

    def _name(self, key: Any, per_message: bool) -> str:
        return hmac.digest(self._key, repr((key, per_message)).encode(), hashlib.sha256).hex()[:16]


def send(question: dict[str, Any]) -> dict[str, Any]:
    """Send one notification; what became of it."""
    import apprise
    from apprise.plugins.email import base as email

    mail: Any = email

    SEEN.told = {}
    asset = apprise.AppriseAsset(
        app_id="OpsiMate Actions",
        app_desc="OpsiMate Actions",
        **({"app_url": question["link"]} if question["link"] else {}),
        storage_mode="memory",
        allow_templates=False,
        secure_logging=True,
    )
    service: Any = apprise.Apprise.instantiate(question["address"], asset=asset)
    if service is None:
        return {"ok": False, "problem": "no_address"}
    if type(service).__module__.rpartition(".")[2] in _LOCAL:
        return {"ok": False, "problem": "of_this_machine"}
    recipients = Recipients(question["address"], question["delivered_to"])
    service.is_delivered, service.mark_delivered = recipients.is_delivered, recipients.mark_delivered
    service.overflow_mode = apprise.OverflowMode.TRUNCATE
    if isinstance(getattr(service, "headers", None), dict):
        service.headers.setdefault("webhook-id", question["id"])
    if getattr(service, "dedup", "") is None:  # PagerDuty: an attempt whose answer was lost opens no second incident
        service.dedup = question["id"]
    if getattr(service, "click", "") is None and question["link"]:
        service.click = question["link"]
    if isinstance(service, mail.NotifyEmail):
        service.notify_format = apprise.NotifyFormat.TEXT  # as HTML its lines would run into one
        mail.make_msgid = lambda domain=None: f"<{question['id']}@{domain or 'opsimate'}>"
    kind = apprise.NotifyType(_TYPES.get(question["event"], "info"))
    text, title = question["text"], question["title"]
    is_sent = False
    try:
        with _within(question["seconds"]):  # whoever asked would end the program, and never know who has it
            is_sent = service.notify(body=text, title=title, notify_type=kind, body_format=apprise.NotifyFormat.TEXT)
    except TookTooLongError:
        SEEN.told = {"error": "timed_out"}
    return {"ok": bool(is_sent), "delivered_to": list(recipients.done), **SEEN.told}


def serve() -> None:
    """Answer each line of the input."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.CRITICAL)
    with os.fdopen(os.dup(1), "w") as answers, open(os.devnull, "wb") as nothing:  # noqa: PTH123 - what a library prints is none
        os.dup2(nothing.fileno(), 1)
        _watch_http()
        _watch_mail()
        for line in sys.stdin:
            try:
                answer = send(json.loads(line))
            except Exception as error:  # noqa: BLE001 - whatever a service raises, the next notification is another
                answer = {"ok": False, "error": _class_of(error)}
            answers.write(f"{json.dumps(answer)}\n")
            answers.flush()


if __name__ == "__main__":
    serve()
