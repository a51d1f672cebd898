"""What a channel of RabbitMQ sends most: publications and acknowledgements.

The driver (aiormq 7.2) encodes each of a message's three frames field by field, and writes each message by itself. Here
the frames that are alike from message to message are encoded once, and what is sent in one turn of the event loop is
written together: a publication costs a third of what the driver's own takes. One timer watches all that waits for its
confirm.
"""

import asyncio
from collections import deque
from functools import lru_cache
from itertools import takewhile
from struct import Struct
from typing import cast

from aiormq.abc import AbstractChannel, ChannelFrame
from aiormq.channel import Channel
from pamqp.commands import Basic
from pamqp.constants import FRAME_BODY, FRAME_END_CHAR, FRAME_HEADER, FRAME_METHOD

_FRAME = Struct(">BHI")
"""What a frame begins with: its type, the number of the channel, the length of what follows."""
_HEADER = Struct(">HHQ")
"""What a content header begins with: its class, a weight that is always zero, the length of the body."""
_ACK = Struct(">IQB")
"""The method, the number of the delivery, and whether those before it are meant as well."""
CONFIRM_SECONDS = 5
"""How long a publication waits for its confirm before it counts as not made."""
_ACK_SECONDS = 0.01
"""How long acknowledgements wait for others to be sent with; see decision 13."""
_POLL_SECONDS = 0.01
"""How often to look whether the driver takes more; it takes ten writes at a time."""


class Outgoing:
    """Sends over one channel, in the order in which it is asked."""

    def __init__(self, channel: AbstractChannel) -> None:
        self.channel = cast(Channel, channel)  # the driver has no other
        self._waiting: list[bytes] = []
        self._sending: asyncio.Task[None] | None = None
        self._unconfirmed: deque[tuple[float, asyncio.Future[object]]] = deque()
        """In the order of the instants, by the clock of the event loop, at which each is given up."""
        self._expiry: asyncio.TimerHandle | None = None
        self.channel.closing.add_done_callback(lambda _: self.give_up())

    def publish(
        self, body: bytes, exchange: str, key: str, properties: bytes, *, must_arrive_as: str | None = None
    ) -> asyncio.Future[object]:
        """Publish; what is returned is done once the broker has confirmed, and raises what the driver makes of it.

        It is cancelled where no confirm comes in time, or can come any more.

        A message that must arrive is given the id that stands in its properties. Where no queue takes it, that is the
        driver's ``PublishError``.
        """
        channel, must_arrive = self.channel, must_arrive_as is not None
        confirmed = self._awaited()
        channel.delivery_tag += 1
        channel.confirmations[channel.delivery_tag] = confirmed
        if must_arrive_as is not None:  # by its id the driver knows what comes back
            channel.message_id_delivery_tag[must_arrive_as] = channel.delivery_tag
            confirmed.add_done_callback(lambda _: channel.message_id_delivery_tag.pop(must_arrive_as, None))
        self._frame(FRAME_METHOD, _publish_method(exchange, key, must_arrive))
        self._frame(FRAME_HEADER, _HEADER.pack(Basic.frame_id, 0, len(body)) + properties)
        for begin in range(0, len(body), channel.max_content_size):
            self._frame(FRAME_BODY, body[begin : begin + channel.max_content_size])
        return confirmed

    def acknowledge(self, delivery_tag: int, *, up_to: bool = False) -> None:
        """Acknowledge one delivery of this channel, or all ``up_to`` this one."""
        self._frame(FRAME_METHOD, _ACK.pack(Basic.Ack.index, delivery_tag, up_to))

    @property
    def awaits_confirms(self) -> bool:
        """Whether something published is not confirmed yet."""
        return any(not confirmed.done() for _, confirmed in self._unconfirmed)

    def give_up(self) -> None:
        """Wait for no confirm any more."""
        if self._expiry is not None:
            self._expiry.cancel()
        self._expiry = None
        while self._unconfirmed:
            self._unconfirmed.popleft()[1].cancel()

    def _awaited(self) -> asyncio.Future[object]:
        """The confirm of what is published now."""
        loop, unconfirmed = asyncio.get_running_loop(), self._unconfirmed
        while unconfirmed and unconfirmed[0][1].done():
            unconfirmed.popleft()
        confirmed: asyncio.Future[object] = loop.create_future()
        unconfirmed.append((loop.time() + CONFIRM_SECONDS, confirmed))
        if self._expiry is None:
            self._expiry = loop.call_later(CONFIRM_SECONDS, self._expire)
        return confirmed

    def _expire(self) -> None:
        loop, unconfirmed = asyncio.get_running_loop(), self._unconfirmed
        while unconfirmed and (unconfirmed[0][1].done() or unconfirmed[0][0] <= loop.time()):
            unconfirmed.popleft()[1].cancel()
        self._expiry = loop.call_at(unconfirmed[0][0], self._expire) if unconfirmed else None

    def _frame(self, kind: int, payload: bytes) -> None:
        if not self._waiting and self._sending is None:
            asyncio.get_running_loop().call_soon(self._send)
        self._waiting.append(_FRAME.pack(kind, self.channel.number, len(payload)))
        self._waiting.append(payload)
        self._waiting.append(FRAME_END_CHAR)

    def _send(self) -> None:
        if self.channel.write_queue.full():  # the connection is slow, or the broker takes nothing for now
            self._sending = asyncio.create_task(self._send_when_there_is_room())
        else:
            self.channel.write_queue.put_nowait(self._gathered())

    async def _send_when_there_is_room(self) -> None:
        try:
            while self._waiting and not self.channel.is_closed:
                if self.channel.write_queue.full():
                    await asyncio.sleep(_POLL_SECONDS)
                else:
                    self.channel.write_queue.put_nowait(self._gathered())
        finally:
            self._sending = None

    def _gathered(self) -> ChannelFrame:
        payload = b"".join(self._waiting)
        self._waiting.clear()
        return ChannelFrame(payload=payload, should_close=False)


class Acknowledgements:
    """Of the deliveries of one channel. They wait for each other, so that one answers for many: each of them costs the
    broker a write to disk.
    """

    def __init__(self, channel: AbstractChannel, prefetch: int) -> None:
        self._outgoing = Outgoing(channel)
        self._most_waiting = prefetch // 2
        """Of more than these the broker is told at once: it delivers no more than the prefetch before."""
        self._unsettled: dict[int, None] = {}
        """The numbers of deliveries, in the order in which they came."""
        self._done: set[int] = set()
        self._telling: asyncio.TimerHandle | None = None

    def is_for(self, channel: AbstractChannel) -> bool:
        """Whether deliveries of this channel are acknowledged here."""
        return self._outgoing.channel is channel

    def expect(self, tag: int) -> None:
        """A delivery came."""
        self._unsettled[tag] = None

    def forget(self, tag: int) -> None:
        """A delivery was given back."""
        self._unsettled.pop(tag, None)

    def add(self, tag: int) -> None:
        """A delivery was handled."""
        self._done.add(tag)
        if len(self._done) > self._most_waiting:
            self.tell()
        elif self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(_ACK_SECONDS, self.tell)

    def tell(self) -> None:
        """Tell the broker of all that were handled, unless the channel is closed: then it delivers them again."""
        if self._telling is not None:
            self._telling.cancel()
        self._telling = None
        if self._outgoing.channel.is_closed:
            return
        begun = list(takewhile(self._done.__contains__, self._unsettled))
        if begun:
            self._outgoing.acknowledge(begun[-1], up_to=True)
        for tag in self._done.difference(begun):
            self._outgoing.acknowledge(tag)
        for tag in self._done:
            self.forget(tag)
        self._done.clear()


@lru_cache(maxsize=256)
def _publish_method(exchange: str, key: str, must_arrive: bool) -> bytes:
    publish = Basic.Publish(exchange=exchange, routing_key=key, mandatory=must_arrive)
    return publish.index.to_bytes(4, "big") + publish.marshal()
