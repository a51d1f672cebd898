"""The reference: a loop over asyncssh, without anything of ours."""

import asyncio
import time
from dataclasses import dataclass

import asyncssh

from tests.servers.sshd import SshServer

IN_FLIGHT = 10


@dataclass(frozen=True)
class Raw:
    """What the loop did."""

    per_second: float
    """Commands."""
    cpu_ms: float
    """Of this process, for one command."""


async def raw_loop(sshd: SshServer, commands: int) -> Raw:
    """Run ``true`` so many times over one connection, ten at a time."""
    async with asyncssh.connect(
        sshd.host,
        sshd.port,
        username=sshd.user,
        client_keys=[str(sshd.private_key_path)],
        known_hosts=None,
        config=None,
    ) as connection:
        await connection.run("true", check=True)
        places = asyncio.Semaphore(IN_FLIGHT)

        async def one() -> None:
            async with places:
                await connection.run("true", check=True)

        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(one() for _ in range(commands)))
        took, used = time.perf_counter() - began, time.process_time() - cpu
    return Raw(per_second=commands / took, cpu_ms=used / commands * 1000)
