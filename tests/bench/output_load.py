"""Output under load: how much of it arrives, how soon, and when fifty viewers of one run see its end."""

import asyncio
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import asyncssh

from tests.bench.http import Connection
from tests.bench.raw import connected
from tests.product import Product
from tests.servers.sshd import SshServer
from tests.stage import action

LINES = 50_000
"""Of a hundred bytes each: half of what one attempt may print before the rest is left out."""
STAMPS = 60
VIEWERS = 50
PRINTS = f"yes {'x' * 99} | head -n {LINES}"
STAMPED = f"i=0; while [ $i -lt {STAMPS} ]; do date +%s.%N; sleep 0.06; i=$((i+1)); done"
_END = b"event: end\n"


@dataclass(frozen=True)
class Output:
    """What became of output, whether the product carried it or a raw asyncssh session."""

    lines_per_second: float
    """Until the last line was seen; through the product: stored, masked, and shown to one viewer."""
    latency_p50_ms: float
    latency_p99_ms: float
    """From a line's time stamp to its being seen, one line at a time."""
    last_viewer_ms: float | None = None
    """From the end of a run that prints so many lines to when the last of fifty viewers saw it."""


class _Viewer:
    """One event stream, read with as little work as can be."""

    def __init__(self, heard: Callable[[bytes], None] = lambda _: None) -> None:
        self._heard = heard
        self.ended_at = 0.0

    async def follow(self, product: Product, run_id: str, opened: asyncio.Event | None = None) -> None:
        """Read to the end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", product.catalog.port)
        head = f"GET /api/v1/runs/{run_id}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {product.token}\r\n\r\n"
        writer.write(head.encode())
        tail = b""
        while data := await reader.read(1 << 20):
            if opened is not None:
                opened.set()
            self._heard(data)
            if _END in tail + data:
                break
            tail = data[-len(_END) :]
        self.ended_at = time.time()
        writer.close()


async def measure_output(product: Product) -> Output:
    """What becomes of output through the product."""
    product.put("secrets", {"name": "bench", "value": "a-secret-that-is-not-printed"})
    secret = {"parameters": [{"name": "secret", "type": "secret"}]}
    prints = action(product, "bench-prints", f": {{{{ secret }}}}; {PRINTS}", **secret)
    stamped = action(product, "bench-stamps", STAMPED)
    given = b'{"parameters": {"secret": {"secret": "bench"}}}'
    took = statistics.median([await _seconds(product, prints, given) for _ in range(3)])
    found: list[float] = []
    await _followed(product, stamped, b"{}", [_Viewer(lambda data: found.extend(_latencies(data)))])
    viewers = [_Viewer() for _ in range(VIEWERS)]
    ended = await _followed(product, prints, given, viewers)
    last = (max(viewer.ended_at for viewer in viewers) - ended) * 1000
    return Output(LINES / took, *_percentiles(found), last)


async def raw_output(sshd: SshServer) -> Output:
    """The same over a raw asyncssh session, seen by whoever runs it."""
    found: list[float] = []
    async with connected(sshd) as connection:
        began = time.perf_counter()
        printed = await _read(connection, PRINTS, lambda _: None)
        took = time.perf_counter() - began
        await _read(connection, STAMPED, lambda data: found.extend(_latencies(data)))
    return Output(printed / 100 / took, *_percentiles(found))


async def _read(connection: asyncssh.SSHClientConnection, command: str, heard: Callable[[bytes], None]) -> int:
    size = 0
    async with connection.create_process(command, encoding=None) as process:
        while data := await process.stdout.read(1 << 20):
            heard(data)
            size += len(data)
    return size


async def _seconds(product: Product, name: str, body: bytes) -> float:
    began = time.time()
    viewer = _Viewer()
    await _followed(product, name, body, [viewer])
    return viewer.ended_at - began


async def _followed(product: Product, name: str, body: bytes, viewers: list[_Viewer]) -> float:
    """Run the action before all of these; the time at which it ended, since the epoch."""
    connection = Connection(product.catalog.port, product.token)
    run_id = (await connection.post(f"/api/v1/actions/{name}/runs", body))["id"]
    connection.close()
    async with asyncio.timeout(120):
        await asyncio.gather(*(viewer.follow(product, run_id) for viewer in viewers))
    run = await asyncio.to_thread(product.ended, run_id)
    return datetime.fromisoformat(run["ended_at"]).timestamp()


def _latencies(data: bytes) -> list[float]:
    """Of the time stamps in a piece of a stream, in milliseconds."""
    now, found = time.time(), []
    for word in data.replace(b"\\n", b" ").replace(b'"', b" ").split():
        whole, point, fraction = word.partition(b".")
        if point and len(whole) == 10 and whole.isdigit() and len(fraction) == 9 and fraction.isdigit():
            found.append((now - float(word)) * 1000)
    return found


def _percentiles(found: list[float]) -> tuple[float, float]:
    return statistics.median(found), statistics.quantiles(found, n=100)[98]
