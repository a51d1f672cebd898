"""Notifications go out: signed to programs of people's own, to all others by Apprise in programs beside this one."""

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alert_bridge.adapters.reading import AppriseAddress, ChannelReader, OwnProgram
from alert_bridge.domain.sending import (
    Sent,
    UnusableChannelError,
    answered,
    mail_answered,
    posted,
    signed_headers,
    without_markup,
)
from alert_bridge.ports import Send
from shared.answering_program import AnsweringProgram, ProgramFailedError
from shared.clock import Clock
from shared.contracts.notification import StoredNotification

if TYPE_CHECKING:
    import httpx

LONGEST_POST = 15.0
"""Seconds from the first try to connect until the answer's head, at most; less than ``LONGEST_SEND``."""
MOST_PROGRAMS = 3
"""That send by Apprise beside each other: each takes 60 MiB while it is there."""
LONGEST_BY_APPRISE = 30.0
"""Seconds that one may take for a notification, its start included; then it is ended. Less than ``LONGEST_SEND``."""
INTERRUPTED_AFTER = 24.0
"""Seconds after which it interrupts itself, and still tells which recipients have the notification."""
_PROGRAM = str(Path(__file__).with_name("apprise_program.py"))
"""Named and not imported: nothing that it stands on is of use here."""
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
_TOO_SLOW = Sent("timed_out", "the receiver did not answer in time")


class ChannelSender:
    """Delivers to wherever a channel leads."""

    def __init__(self, channels: ChannelReader, clock: Clock) -> None:
        self._channels = channels
        self._webhooks = WebhookSender(clock)
        self._apprise = AppriseSender(clock)

    @asynccontextmanager
    async def room(self, channel: str, *, is_test: bool = False) -> AsyncIterator[Send]:
        """Wait until something can be sent to a channel; what sends it. A test waits for no channel that hangs."""
        destination = await self._destination(channel)
        if isinstance(destination, AppriseAddress):
            async with self._apprise.program(channel, is_test=is_test) as program:
                destination = await self._destination(channel)  # it may have been changed while this waited
                if isinstance(destination, AppriseAddress):
                    yield partial(self._apprise.send, program, destination)
                    return
        if isinstance(destination, OwnProgram):
            yield partial(self._webhooks.send, destination)
        else:
            yield partial(_failed, destination)

    async def _destination(self, channel: str) -> OwnProgram | AppriseAddress | Sent:
        try:
            return await self._channels.read(channel)
        except UnusableChannelError as error:
            return Sent("misconfigured", str(error))

    async def close(self) -> None:
        """End what sends."""
        await self._webhooks.close()
        await self._apprise.close()


async def _failed(sent: Sent, _notification: StoredNotification) -> Sent:
    return sent


class WebhookSender:
    """Posts signed JSON. What does it is loaded with the first post: most products have no such channel."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._client: httpx.AsyncClient | None = None

    async def send(self, program: OwnProgram, notification: StoredNotification) -> Sent:
        """Post it once. Of the answer the head alone is read, and a redirect is not followed."""
        import httpx

        if self._client is None:
            # No limit of connections: whatever hangs would hold them, and what is well would wait.
            self._client = httpx.AsyncClient(timeout=LONGEST_POST, limits=httpx.Limits(max_keepalive_connections=20))
        body = posted(notification)
        headers = signed_headers(program.key, notification.id, body, self._clock())
        try:
            async with (
                asyncio.timeout(LONGEST_POST),
                self._client.stream("POST", program.url, content=body, headers=headers) as answer,
            ):
                return answered(answer.status_code, answer.headers.get("retry-after"), self._clock())
        except (TimeoutError, httpx.TimeoutException):
            return _TOO_SLOW
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            return Sent("bad_address", "the address cannot be posted to")
        except httpx.TransportError as error:
            return _unreachable(error)

    async def close(self) -> None:
        """Close its connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None


def _unreachable(error: BaseException) -> Sent:
    """That no connection came about, and why as far as that is safe to tell."""
    why = ""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = f": its certificate is not trusted here ({cause.verify_message})"
        elif isinstance(cause, socket.gaierror):
            why = ": the name of its host is not known"
        elif isinstance(cause, OSError) and cause.errno is not None and not why:
            why = f": {os.strerror(cause.errno).lower()}"  # its own text names the address
    return Sent("unreachable", f"the receiver cannot be reached{why}")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


class AppriseSender:
    """Has Apprise send, in programs of its own that are ended when nothing is sent: it takes long to load and is large,
    what it calls may hang, and what it logs shows addresses.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._free = [
            AnsweringProgram(_PROGRAM, LONGEST_BY_APPRISE, (*_PROXIES, *_CERTIFICATES)) for _ in range(MOST_PROGRAMS)
        ]
        """The one that was used last is the last."""
        self._all = tuple(self._free)
        self._turns = asyncio.Semaphore(MOST_PROGRAMS)
        self._hanging: set[str] = set()
        """Channels that did not answer in time when something was last sent to them."""
        self._turn_of_hanging = asyncio.Semaphore(1)
        self._turn_of_tests = asyncio.Semaphore(1)

    @asynccontextmanager
    async def program(self, channel: str, *, is_test: bool) -> AsyncIterator[AnsweringProgram]:
        """One that sends nothing else meanwhile. Channels that hang share one of them, however many they are, and tests
        another; so there is one for all others.
        """
        hangs = self._turn_of_hanging if channel in self._hanging else nullcontext()
        async with self._turn_of_tests if is_test else hangs, self._turns:
            program = self._free.pop()
            try:
                yield program
            finally:
                self._free.append(program)

    async def send(self, program: AnsweringProgram, address: AppriseAddress, notification: StoredNotification) -> Sent:
        """Send it once. The address goes by standard input: others can see arguments and environments."""
        question = {
            "address": address.text,
            "seconds": INTERRUPTED_AFTER,
            "id": notification.id,
            "title": without_markup(notification.title),
            "text": without_markup(notification.text),
            "event": notification.event,
            "link": notification.link,
            "delivered_to": notification.delivered_to,
        }
        try:
            answer = await program.ask(question, is_harmless=False)
        except ProgramFailedError as error:
            return Sent("unknown", f"the program that sends by Apprise cannot be run: {error}")
        sent = self._what(answer)
        if sent.reason == "timed_out":
            self._hanging.add(notification.channel)
        else:
            self._hanging.discard(notification.channel)
        return sent

    def _what(self, answer: Mapping[str, Any] | None) -> Sent:
        if answer is None:
            return _TOO_SLOW
        sent = self._of(answer)
        return Sent(sent.reason, sent.message, sent.retry_after, tuple(answer.get("delivered_to", ())))

    def _of(self, answer: Mapping[str, Any]) -> Sent:
        match answer:
            case {"ok": True}:
                return Sent(None, "The receiver has taken it.")
            case {"problem": problem}:
                return _PROBLEMS[problem]
            case {"mail": int(code)}:
                return mail_answered(code)
            case {"status": int(status)}:
                sent = answered(status, answer.get("retry_after"), self._clock())
                return Sent("unknown", _REFUSED_WITHIN) if sent.is_delivered else sent
            case {"error": error}:
                return _ERRORS[error]
        return Sent("unknown", "it was not sent, and Apprise does not say why")

    async def close(self) -> None:
        """End the programs."""
        await asyncio.gather(*(program.close() for program in self._all))


_REFUSED_WITHIN = "the receiver answered, but not that it has taken it"
_PROBLEMS: Mapping[str, Sent] = {
    "no_address": Sent(
        "bad_address",
        "the secret holds no address that Apprise knows: see https://github.com/caronc/apprise/wiki for how they are "
        "written",
    ),
    "of_this_machine": Sent(
        "bad_address", "the address leads to the machine of the product itself: take one that leads elsewhere"
    ),
}
_ERRORS: Mapping[str, Sent] = {
    "unreachable": Sent("unreachable", "the receiver cannot be reached"),
    "unknown_host": Sent("unreachable", "the receiver cannot be reached: the name of its host is not known"),
    "certificate": Sent("unreachable", "the receiver cannot be reached: its certificate is not trusted here"),
    "timed_out": _TOO_SLOW,
    "no_log_in": Sent("refused", "the mail server takes no user and password so: see whether it wants mailtos://"),
}
