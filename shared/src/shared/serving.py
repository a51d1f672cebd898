"""The HTTP server of a process: it listens, and ends in order on a signal, or where the process cannot go on."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any, Literal

from starlette.applications import Starlette
from uvicorn.config import Config
from uvicorn.lifespan.on import LifespanOn
from uvicorn.server import Server as UvicornServer

from shared.connections import BACKLOG, Connections
from shared.descriptors import is_shortage
from shared.http_server import LimitedConnection
from shared.settings import Listen

STOP_WITHIN = 5
"""Seconds that open requests get at the end; what services finish has limits of its own."""


TICK = 1.0
"""Seconds after which the date in answers is another one."""


class Server(UvicornServer):
    """uvicorn, telling when it listens, and leaving signals to the loop, so that stopping is in our hands."""

    def __init__(
        self,
        config: Config,
        app: Starlette,
        on_listening: Callable[[str], Awaitable[None]],
        on_stopping: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._on_listening = on_listening
        self._on_stopping = on_stopping
        self._stopping: asyncio.Event = app.state.stopping
        self._hurry: asyncio.Event = app.state.hurry
        self._failed: asyncio.Event = app.state.failed

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started and self.servers:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            await self._on_listening(str(Listen(host=host, port=port)))

    async def main_loop(self) -> None:
        """Wait for the end, and tell the date anew each second; uvicorn would look for the end ten times as often.

        A process that cannot go on ends, too: who starts it again may be luckier than a process that does nothing.
        """
        ends = [asyncio.create_task(event.wait()) for event in (self._stopping, self._failed)]
        ended: set[asyncio.Task[Literal[True]]] = set()
        while not (ended or await self.on_tick(0)):
            ended, _ = await asyncio.wait(ends, timeout=TICK, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()

    async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """End in order: a second signal cuts short what is open, and no service's own end, which uvicorn would skip."""
        await super().shutdown(sockets)  # type: ignore[arg-type]
        if isinstance(self.lifespan, LifespanOn) and not self.lifespan.shutdown_event.is_set():
            await self.lifespan.shutdown()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        # Endless answers such as event streams end on `stopping`; a second signal ends whatever else is open.
        if self.should_exit:
            self.force_exit = True
            self._hurry.set()
        else:
            self._on_stopping()
        self.should_exit = True
        self._stopping.set()


def server_of(
    app: Starlette,
    listen: Listen,
    on_listening: Callable[[str], Awaitable[None]],
    on_stopping: Callable[[], None] = lambda: None,
) -> Server:
    """The server of an application, not started yet; ``on_listening`` is told the address."""
    connections: Connections = app.state.connections
    config = Config(
        app,
        http=partial(LimitedConnection, connections),  # type: ignore[arg-type]  # it is called, and asked for no more
        ws="none",
        backlog=min(BACKLOG, connections.most),
        host=listen.host,
        port=listen.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_WITHIN,
    )
    return Server(config, app, on_listening, on_stopping)


async def _say_nothing(_address: str) -> None:
    """Where nobody has to know."""


async def serve(
    app: Starlette,
    listen: Listen,
    *,
    on_listening: Callable[[str], Awaitable[None]] = _say_nothing,
    on_stopping: Callable[[], None] = lambda: None,
) -> int:
    """Serve until SIGTERM or SIGINT; the exit status of the process. ``on_stopping`` is called at the first one."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(partial(tell_of_shortage, app.state.connections))
    server = server_of(app, listen, on_listening, on_stopping)
    await server.serve()
    return 0 if server.started and not app.state.failed.is_set() else 1


def tell_of_shortage(connections: Connections, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Asyncio tells of a connection that it has no descriptor for with a traceback, each time, many times a second."""
    if "accept" in context.get("message", "") and is_shortage(context.get("exception")):
        connections.ran_short("descriptors")
    else:
        loop.default_exception_handler(context)
