"""A network that can fail: stands between a client and a server on this machine."""

import asyncio
import contextlib
from typing import Self


class Proxy:
    """Hands bytes to and fro at 127.0.0.1:``port``, until told to fail."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._away = False
        self._moving = asyncio.Event()
        self._moving.set()
        self.holds_something = asyncio.Event()
        """Whether bytes have come since it went away silently."""
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def go_away(self, *, silently: bool) -> None:
        """Break every connection and make no more; or, silently, keep them and move no byte."""
        if silently:
            self.holds_something.clear()
            self._moving.clear()
            return
        self._away = True
        self.break_connections()

    def break_connections(self) -> None:
        """Break every connection that there is, with all that was sent over it."""
        for writer in self._writers:
            writer.transport.abort()

    def come_back(self) -> None:
        """Work again."""
        self._away = False
        self._moving.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            if not self._away:
                await self._connect(reader, writer)
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
            self._tasks.discard(task)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        try:
            await asyncio.gather(self._hand_on(reader, far_writer), self._hand_on(far_reader, writer))
        finally:
            far_writer.transport.abort()

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65_536):
                self.holds_something.set()
                await self._moving.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
