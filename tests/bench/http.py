"""A load generator that costs little: HTTP/1.1 over kept connections, a request at a time on each."""

import asyncio
import json
from typing import Any


class Connection:
    """One connection to the API."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._headers = f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: bytes) -> Any:
        """The JSON of the answer; ``RuntimeError`` where it is no success."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(f"POST {path} HTTP/1.1\r\n{self._headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line[15:]) for line in head.lower().splitlines() if line.startswith("content-length:"))
        answer = await reader.readexactly(length)
        if not head.startswith("HTTP/1.1 2"):
            raise RuntimeError(f"{head.splitlines()[0]}: {answer.decode()[:500]}")
        return json.loads(answer)

    def close(self) -> None:
        """Let go of it."""
        if self._streams is not None:
            self._streams[1].close()
