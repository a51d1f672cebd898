"""The reference for viewers: ``python -m tests.bench.fan_out`` runs a command over a raw asyncssh session and shows
what it prints to whoever asks over HTTP. Nothing of it is ours: nothing is stored, masked or framed.
"""

import asyncio
import sys
import time
from pathlib import Path

from tests.bench.raw import Login, connected, read_output

_HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n"
END = b"event: end\n"
"""Stands at the very end, after a line with the time at which the command ended, since the epoch."""


class FanOut:
    """What a command has printed so far, shown to each viewer as fast as it reads."""

    def __init__(self, viewers: int) -> None:
        self._missing = viewers
        self.all_here = asyncio.Event()
        """Set once so many viewers have asked."""
        self._pieces: list[bytes] = []
        self._more = asyncio.Event()
        self._is_over = False

    def add(self, data: bytes) -> None:
        """Show this to everybody, too."""
        self._pieces.append(data)
        more, self._more = self._more, asyncio.Event()
        more.set()

    def end(self) -> None:
        """Say that the command has ended, now."""
        self._is_over = True
        self.add(f"{time.time()}\n".encode() + END)

    async def show(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one viewer, to the end."""
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_HEAD)
        self._missing -= 1
        if self._missing == 0:
            self.all_here.set()
        shown = 0
        while not (self._is_over and shown == len(self._pieces)):
            if shown == len(self._pieces):
                await self._more.wait()
            pieces = self._pieces[shown:]
            shown += len(pieces)
            writer.write(b"".join(pieces))
            await writer.drain()
        writer.close()
        await writer.wait_closed()


async def serve(login: Login, viewers: int, command: str) -> None:
    """Print the port, run the command once so many viewers are there, and end when all have seen its end."""
    fan_out, shown = FanOut(viewers), asyncio.TaskGroup()
    async with shown, connected(login) as connection:
        server = await asyncio.start_server(lambda *streams: shown.create_task(fan_out.show(*streams)), "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await fan_out.all_here.wait()
        server.close()
        await read_output(connection, command, fan_out.add)
        fan_out.end()


if __name__ == "__main__":
    _host, _port, _user, _key, _viewers, _command = sys.argv[1:]
    asyncio.run(serve(Login(_host, int(_port), _user, Path(_key)), int(_viewers), _command))
