"""The reference for the distributed form: the same messages, writes and commands, made with the bare libraries.

Nothing of it is ours: no logic, no checks, no logs, no reads, and both sides in one process. So it says what RabbitMQ,
MongoDB and their drivers leave possible on this machine at this moment.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
import asyncssh
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import ReturnDocument

from tests.bench.raw import IN_FLIGHT, STEPS, Login, Raw, connected

_TIMELINE_ENTRY = {"seq": 1, "at": "2026-01-31T12:00:00.000Z", "event": "step.finished", "step": "step-1", "attempt": 1}
_STEP = {"name": "step-1", "state": "succeeded", "provider": "web-1", "pool": "default", "attempts": 1}
_FILLING = "x" * 600
"""What else stands in a run, and in an attempt: in characters."""
_NEW, _CALL, _END = "bench.new", "bench.call", "bench.end"
_ENTRIES_OF_A_STEP = 3


class _Bare:
    """A step is stored, called for, claimed, run, ended and told of: as the product does, and as little as can be."""

    def __init__(self, ssh: asyncssh.SSHClientConnection, database: Any, channel: Any) -> None:
        self._ssh, self._channel = ssh, channel
        self._runs, self._attempts = database["bench_runs"], database["bench_attempts"]
        self._heard: dict[str, asyncio.Future[None]] = {}

    async def listen(self) -> None:
        """Hear all messages, each of which is acknowledged at once."""
        await self._channel.set_qos(64)
        for name in (_NEW, _CALL, _END):
            queue = await self._channel.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum"})
            await queue.purge()
            await queue.consume(self._hear)

    async def run(self, run_id: str, steps: int) -> None:
        """A run of so many steps, one after the other."""
        run = {"_id": run_id, "version": 1, "steps": [_STEP] * steps, "timeline": [_TIMELINE_ENTRY], "rest": _FILLING}
        await self._runs.insert_one(run)
        await self._tell(_NEW, run_id)
        for number in range(steps):
            attempt, claim = f"{run_id}.{number}", {"$set": {"state": "running"}, "$inc": {"fence": 1}}
            await self._store(run)
            await self._attempts.insert_one({"_id": attempt, "state": "queued", "fence": 0, "rest": _FILLING})
            await self._tell(_CALL, attempt)
            queued = {"_id": attempt, "state": "queued"}
            await self._attempts.find_one_and_update(queued, claim, return_document=ReturnDocument.AFTER)
            await self._ssh.run("true", check=True)
            await self._attempts.update_one({"_id": attempt, "fence": 1}, {"$set": {"state": "succeeded"}})
            await self._tell(_END, attempt)
        await self._store(run)

    async def _store(self, run: dict[str, Any]) -> None:
        before, run["version"] = run["version"], run["version"] + 1
        run["timeline"] = run["timeline"] + [_TIMELINE_ENTRY] * _ENTRIES_OF_A_STEP
        await self._runs.replace_one({"_id": run["_id"], "version": before}, run)

    async def _tell(self, queue: str, what: str) -> None:
        """Publish, and wait until it is confirmed and has arrived."""
        heard = self._heard[queue + what] = asyncio.get_running_loop().create_future()
        message = aio_pika.Message(what.encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await self._channel.default_exchange.publish(message, queue)
        await heard

    async def _hear(self, message: aio_pika.abc.AbstractIncomingMessage) -> None:
        await message.ack()
        self._heard.pop(str(message.routing_key) + message.body.decode()).set_result(None)


async def bare_steps(login: Login, store_url: str, bus_url: str, times: int = 3) -> float:
    """Seconds for a run of forty steps."""
    async with _bare(login, store_url, bus_url) as bare:
        took = [await _seconds(lambda number=number: bare.run(f"steps-{number}", STEPS)) for number in range(times)]  # type: ignore[misc]
    return sorted(took)[times // 2]


async def bare_loop(login: Login, store_url: str, bus_url: str, runs: int) -> Raw:
    """So many runs of one step, ten at a time."""
    async with _bare(login, store_url, bus_url) as bare:
        places = asyncio.Semaphore(IN_FLIGHT)

        async def one(number: int) -> None:
            async with places:
                await bare.run(f"run-{number}", 1)

        async def all_of_them() -> None:
            await asyncio.gather(*(one(number) for number in range(runs)))

        cpu = time.process_time()
        took = await _seconds(all_of_them)
        used = time.process_time() - cpu
    return Raw(per_second=runs / took, cpu_ms=used / runs * 1000)


async def _seconds(act: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await act()
    return time.perf_counter() - began


@asynccontextmanager
async def _bare(login: Login, store_url: str, bus_url: str) -> AsyncIterator[_Bare]:
    client: Any = AsyncIOMotorClient(store_url, w="majority", journal=True, retryWrites=False)
    bus = await aio_pika.connect(bus_url)
    async with bus, connected(login) as ssh:
        database = client.get_default_database("bench")
        for name in ("bench_runs", "bench_attempts"):
            await database[name].drop()
        bare = _Bare(ssh, database, await bus.channel())
        await bare.listen()
        await bare.run("first", 1)
        yield bare
    client.close()
