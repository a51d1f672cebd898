"""What asyncssh (seen in 2.24.1) does for each command and nobody needs, left out."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import asyncssh
from asyncssh.constants import MSG_IGNORE
from asyncssh.logging import SSHLogger


class _TerseLogger(SSHLogger):
    """Composes a line only where it will be written: asyncssh's own makes its texts first, and asks then."""

    def log(self, level: int, msg: object, *args: Any, **kwargs: Any) -> None:
        """Log a message, where this level is logged."""
        if self._logger.isEnabledFor(level):
            super().log(level, msg, *args, **kwargs)


def log_what_is_wanted(connection: asyncssh.SSHClientConnection) -> None:
    """Have the connection and its channels compose no lines that are not written."""
    setattr(connection, "_logger", _TerseLogger(context=getattr(connection.logger, "_context", "")))  # noqa: B010 - the name is asyncssh's own
    log_no_packets(connection)


def log_no_packets(packets: asyncssh.SSHClientConnection | asyncssh.SSHClientChannel[Any]) -> None:
    """Have a connection or a channel compose no line about each packet, which would show passwords, too."""
    setattr(packets, "_log_packet", _nothing)  # noqa: B010 - it is a method


def _nothing(*_: object) -> None:
    """In the place of a line."""


_START_READING = getattr(asyncssh.SSHClientChannel, "_start_reading").__code__  # noqa: B009 - the name is asyncssh's own


def read_at_once(connection: asyncssh.SSHClientConnection) -> None:
    """Have the connection begin to read from a new channel at once: asyncssh makes a task of it, which waits for
    nothing.
    """
    create_task: Callable[..., object] = connection.create_task

    def create_task_unless_it_reads(coroutine: Coroutine[Any, Any, None], *logger: SSHLogger | None) -> object:
        if getattr(coroutine, "cr_code", None) is not _START_READING:
            return create_task(coroutine, *logger)
        with suppress(StopIteration):
            coroutine.send(None)
        return None

    setattr(connection, "create_task", create_task_unless_it_reads)  # noqa: B010 - it is a method


def keep_alive(connection: asyncssh.SSHClientConnection, *, every: float, most_unanswered: int) -> None:
    """Have the connection ask the server every so many seconds whether it is there; it is lost when nothing at all has
    been heard after that many questions.

    asyncssh moves the timer for that with whatever arrives, which costs more than to ask in vain.
    """
    connection.set_keepalive(every, most_unanswered)

    def heard() -> None:
        setattr(connection, "_keepalive_count", 0)  # noqa: B010 - the name is asyncssh's own

    setattr(connection, "_reset_keepalive_timer", heard)  # noqa: B010 - it is a method


def send_together(connection: asyncssh.SSHClientConnection) -> None:
    """Have what the connection sends within one turn of the event loop sent by one system call.

    asyncssh sends each packet by itself, and an empty one before each, which is ten system calls for a
    command, each of which wakes the server. The empty ones hide where a packet begins from who attacks CBC (RFC 4251,
    9.3.1), so they are left out where the cipher is none of that mode.
    """
    loop, waiting = asyncio.get_running_loop(), list[bytes]()
    send_packet: Callable[..., None] = connection.send_packet

    def send(data: bytes) -> None:
        transport = getattr(connection, "_transport", None)
        if transport is not None:
            if not waiting:
                loop.call_soon(flush, transport)
            waiting.append(data)

    def flush(transport: asyncio.Transport) -> None:
        data = b"".join(waiting)
        waiting.clear()
        with suppress(ConnectionError):  # as asyncssh does: a channel through a jump host says so when it is closed
            transport.write(data)

    def send_all_but_empty(packet_type: int, *parts: bytes, **how: Any) -> None:
        if packet_type != MSG_IGNORE:
            send_packet(packet_type, *parts, **how)

    setattr(connection, "_send", send)  # noqa: B010 - the name is asyncssh's own
    if "cbc" not in str(connection.get_extra_info("send_cipher")):
        setattr(connection, "send_packet", send_all_but_empty)  # noqa: B010 - it is a method
