"""Output under load: how much of it arrives, how soon, and when fifty viewers of one run see its end."""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tests.bench.fan_out import END
from tests.bench.http import Connection
from tests.bench.raw import Login, connected, read_output
from tests.product import Product
from tests.stage import action

LINES = 50_000
"""Of a hundred bytes each: half of what one attempt may print before the rest is left out."""
STAMPS = 60
VIEWERS = 50
PRINTS = f"yes {'x' * 99} | head -n {LINES}"
STAMPED = f"i=0; while [ $i -lt {STAMPS} ]; do date +%s.%N; sleep 0.06; i=$((i+1)); done"


@dataclass(frozen=True)
class Output:
    """What became of output, whether the product carried it or a raw asyncssh session."""

    lines_per_second: float
    """Until the last line was seen; through the product: stored, masked, and shown to one viewer."""
    latency_p50_ms: float
    latency_p99_ms: float
    """From a line's time stamp to its being seen, one line at a time."""
    last_viewer_ms: float
    """From the end of a run that prints so many lines to when the last of fifty viewers saw it; raw, of a command whose
    output a bare server keeps in memory and shows them (``fan_out.py``)."""


class _Viewer:
    """One event stream, read with as little work as can be."""

    def __init__(self, heard: Callable[[bytes], None] = lambda _: None) -> None:
        self._heard = heard
        self.ended_at = 0.0

    async def follow(self, port: int, path: str = "/", token: str = "") -> None:
        """Read to the end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        tail = b""
        while data := await reader.read(1 << 20):
            self._heard(data)
            if END in tail + data:
                break
            tail = data[-len(END) :]
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


async def raw_output(login: Login) -> Output:
    """The same over a raw asyncssh session, seen by whoever runs it, and by fifty viewers of a bare server."""
    found: list[float] = []
    async with connected(login) as connection:
        began = time.perf_counter()
        printed = await read_output(connection, PRINTS, lambda _: None)
        took = time.perf_counter() - began
        await read_output(connection, STAMPED, lambda data: found.extend(_latencies(data)))
    return Output(printed / 100 / took, *_percentiles(found), await _raw_viewers(login))


async def _raw_viewers(login: Login) -> float:
    """Milliseconds from the end of the command to when the last viewer of the bare server saw it."""
    heard: list[bytes] = []
    viewers = [_Viewer(heard.append), *(_Viewer() for _ in range(VIEWERS - 1))]
    program = [sys.executable, "-m", "tests.bench.fan_out", *map(str, login), str(VIEWERS), PRINTS]
    server = await asyncio.create_subprocess_exec(*program, stdout=subprocess.PIPE)
    assert server.stdout is not None
    port = int(await server.stdout.readline())
    async with asyncio.timeout(120):
        await asyncio.gather(*(viewer.follow(port) for viewer in viewers))
    await server.wait()
    ended_at = float(b"".join(heard).partition(END)[0].splitlines()[-1])
    return (max(viewer.ended_at for viewer in viewers) - ended_at) * 1000


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
        path = f"/api/v1/runs/{run_id}/events"
        await asyncio.gather(*(viewer.follow(product.catalog.port, path, product.token) for viewer in viewers))
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
