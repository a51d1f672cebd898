"""Hosts of every kind, on this machine."""

import os
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from executor.adapters.local import LocalHost
from executor.adapters.ssh import SshHost
from executor.adapters.ssh_pool import SshConnections
from executor.domain.target import SshTarget
from executor.port import Host
from shared.contracts.host_key import HostKey
from tests.servers.sshd import SshServer

TargetOf = Callable[..., SshTarget]
NewServer = Callable[..., SshServer]


async def trusting(host_key: HostKey) -> HostKey:
    """Pins whatever is shown."""
    return host_key


@pytest.fixture
def target_of() -> TargetOf:
    """What is known of a server: `target_of(sshd, password="…", private_key=None)`."""

    def build(server: SshServer, **known: Any) -> SshTarget:
        defaults = {
            "key": "web-1",
            "host": server.host,
            "port": server.port,
            "user": server.user,
            "private_key": server.private_key,
            "pin": trusting,
        }
        return SshTarget(**{**defaults, **known})

    return build


@pytest.fixture
async def connections() -> AsyncIterator[SshConnections]:
    """The connections of an executor."""
    pool = SshConnections()
    yield pool
    await pool.close()


@pytest.fixture(params=["ssh", "ssh as root", "local"])
async def host(request: pytest.FixtureRequest, connections: SshConnections, target_of: TargetOf) -> Host:
    """A host of every kind."""
    if request.param == "local":
        return LocalHost(allowed=True)
    server: SshServer = request.getfixturevalue("sshd")
    if request.param == "ssh":
        return SshHost(connections, target_of(server))
    if os.geteuid() != 0:
        pytest.skip("only root can let root log in")
    return SshHost(connections, target_of(server, user="root"))
