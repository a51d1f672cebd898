"""The reference: a loop over asyncssh, without anything of ours."""

import asyncio
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

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


class Login(NamedTuple):
    """How to log in to a provider."""

    host: str
    port: int
    user: str
    key: Path


def login_of(sshd: SshServer) -> Login:
    """How to log in to this server."""
    return Login(sshd.host, sshd.port, sshd.user, sshd.private_key_path)


def connected(login: Login) -> Any:
    """A connection, as ``asyncssh.connect`` gives it."""
    return asyncssh.connect(
        login.host, login.port, username=login.user, client_keys=[str(login.key)], known_hosts=None, config=None
    )


async def read_output(connection: asyncssh.SSHClientConnection, command: str, heard: Callable[[bytes], None]) -> int:
    """Run a command, hand on what it prints as it comes, and return how many bytes that were."""
    size = 0
    async with connection.create_process(command, encoding=None) as process:
        while data := await process.stdout.read(1 << 20):
            heard(data)
            size += len(data)
    return size


async def raw_loop(login: Login, commands: int) -> Raw:
    """Run ``true`` so many times over one connection, ten at a time."""
    async with connected(login) as connection:
        await connection.run("true", check=True)
        places = asyncio.Semaphore(IN_FLIGHT)

        async def one() -> None:
            async with places:
                await connection.run("true", check=True)

        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(one() for _ in range(commands)))
        took, used = time.perf_counter() - began, time.process_time() - cpu
    return Raw(per_second=commands / took, cpu_ms=used / commands * 1000)


async def raw_steps(login: Login, times: int = 5) -> float:
    """Seconds for forty commands, one after the other over one connection."""
    took = []
    async with connected(login) as connection:
        await connection.run("true", check=True)
        for _ in range(times):
            began = time.perf_counter()
            for _ in range(STEPS):
                await connection.run("true", check=True)
            took.append(time.perf_counter() - began)
    return statistics.median(took)
