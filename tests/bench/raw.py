"""The reference: a loop over asyncssh, without anything of ours."""

import asyncio
import statistics
import time
from dataclasses import dataclass
from typing import Any

import asyncssh

from tests.servers.sshd import SshServer

IN_FLIGHT = 10
STEPS = 40


@dataclass(frozen=True)
class Raw:
    """What the loop did."""

    per_second: float
    """Commands."""
    cpu_ms: float
    """Of this process, for one command."""


def connected(sshd: SshServer) -> Any:
    """A connection, as ``asyncssh.connect`` gives it."""
    return asyncssh.connect(
        sshd.host,
        sshd.port,
        username=sshd.user,
        client_keys=[str(sshd.private_key_path)],
        known_hosts=None,
        config=None,
    )


async def raw_loop(sshd: SshServer, commands: int) -> Raw:
    """Run ``true`` so many times over one connection, ten at a time."""
    async with connected(sshd) as connection:
        await connection.run("true", check=True)
        places = asyncio.Semaphore(IN_FLIGHT)

        async def one() -> None:
            async with places:
                await connection.run("true", check=True)

        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(one() for _ in range(commands)))
        took, used = time.perf_counter() - began, time.process_time() - cpu
    return Raw(per_second=commands / took, cpu_ms=used / commands * 1000)


async def raw_steps(sshd: SshServer, times: int = 5) -> float:
    """Seconds for forty commands, one after the other over one connection."""
    took = []
    async with connected(sshd) as connection:
        await connection.run("true", check=True)
        for _ in range(times):
            began = time.perf_counter()
            for _ in range(STEPS):
                await connection.run("true", check=True)
            took.append(time.perf_counter() - began)
    return statistics.median(took)
