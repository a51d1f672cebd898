"""What stands between a client and a server, or in the server's place."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Container
from contextlib import asynccontextmanager, suppress

import asyncssh

from tests.servers.group_sharing import run_in_a_shell
from tests.servers.sshd import SshServer


@asynccontextmanager
async def a_way_to(
    server: SshServer,
    *,
    dropping: Container[int] = (),
    after: int = 0,
    arrivals: list[float] | None = None,
    cut: asyncio.Event | None = None,
) -> AsyncIterator[int]:
    """A port that leads to the server, but for the connections of these numbers, from 1.

    They end at once, or after so many pieces from the client. ``arrivals`` gets the time of each connection. Once it
    is ``cut``, nothing arrives any more, and nobody is told.
    """
    numbers = itertools.count(1)
    taken: set[asyncio.Task[None] | None] = set()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.add(asyncio.current_task())
        if arrivals is not None:
            arrivals.append(asyncio.get_running_loop().time())
        pieces = after if next(numbers) in dropping else None
        if pieces != 0:
            there, back = await asyncio.open_connection(server.host, server.port)
            await asyncio.gather(carry(reader, back, pieces), carry(there, writer, None))
        await close(writer)

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pieces: int | None) -> None:
        with suppress(ConnectionError):
            while pieces != 0 and (data := await reader.read(65536)):
                if cut is not None and cut.is_set():
                    continue
                writer.write(data)
                pieces = None if pieces is None else pieces - 1
        await close(writer)

    async def close(writer: asyncio.StreamWriter) -> None:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async with await asyncio.start_server(take, "127.0.0.1", 0) as listener:
        yield listener.sockets[0].getsockname()[1]
    await asyncio.gather(*filter(None, taken))


@asynccontextmanager
async def an_asyncssh_server(factory: type[asyncssh.SSHServer]) -> AsyncIterator[int]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.create_server(
        factory, "127.0.0.1", 0, server_host_keys=[key], process_factory=run_in_a_shell, encoding=None
    )
    async with server:
        yield server.get_port()
