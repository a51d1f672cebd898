"""The reference for a command whose shell answers before it is told what to run: bare asyncssh, and the line of the
product (decision 10). What it takes beyond the raw loop is the price of never running half a command, nor one that
nothing but a menu has heard; what the product takes beyond that is the product's own.
"""

import asyncio
import itertools

import asyncssh

from executor.domain.command import command_request
from executor.domain.delivery import Challenge, Delivery, deliver

_NUMBERS = itertools.count()


class _Answered(asyncssh.SSHClientSession[bytes]):
    """Says the word as soon as anything is heard, and listens to the end."""

    def __init__(self, delivery: Delivery) -> None:
        self.ended = asyncio.get_running_loop().create_future()
        self._stdin, self._has_told, self._status = delivery.stdin, False, -1

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        self._channel = chan

    def data_received(self, data: bytes, datatype: int | None) -> None:  # noqa: ARG002 - asyncssh's signature
        if not self._has_told:
            self._has_told = True
            self._channel.write(self._stdin)
            self._channel.write_eof()

    def exit_status_received(self, status: int) -> None:
        self._status = status

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self.ended.set_exception(exc)
        else:
            self.ended.set_result(self._status)


async def run_answered(connection: asyncssh.SSHClientConnection, command: str) -> None:
    """Run a command in the way of the product, and no more than that; ``AssertionError`` where it fails."""
    request = command_request(
        f"bench-{next(_NUMBERS)}", command, {}, run_id="bench", action="wide", step="all", provider="n", timeout=600.0
    )
    delivery = deliver(request, Challenge(12_345, 54_321))
    session = _Answered(delivery)
    await connection.create_session(lambda: session, delivery.posix_line, encoding=None)
    assert await session.ended == 0
