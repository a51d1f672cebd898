"""Hosts of every kind, on this machine."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from executor.adapters.hosts import SshHost
from executor.adapters.local import LocalHost
from executor.adapters.ssh_pool import SshConnections
from executor.domain.provider import SshProvider
from executor.ports import Host
from shared.contracts.host_key import HostKey
from tests.servers.sshd import SshServer

ProviderOf = Callable[..., SshProvider]
NewServer = Callable[..., SshServer]
OTHER_FINGERPRINT = "SHA256:" + "A" * 43


async def trusting(host_key: HostKey) -> HostKey:
    """Pins whatever is shown."""
    return host_key


class Pins:
    """Pins host keys as a store would, of which one may be there already."""

    def __init__(self, pinned: str | None = None) -> None:
        self.pinned, self.asked = pinned, 0

    async def __call__(self, shown: HostKey) -> HostKey:
        self.asked += 1
        self.pinned = self.pinned or shown.fingerprint
        return shown if self.pinned == shown.fingerprint else HostKey(self.pinned)


@pytest.fixture
def provider_of() -> ProviderOf:
    """What is known of a server: `provider_of(sshd, password="…", private_key=None)`."""

    def build(server: SshServer, **known: Any) -> SshProvider:
        defaults = {
            "key": "web-1",
            "host": server.host,
            "port": server.port,
            "user": server.user,
            "private_key": server.private_key,
            "pin": trusting,
        }
        return SshProvider(**{**defaults, **known})

    return build


@pytest.fixture(scope="session")
def made_host_keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Host keys of all types, by the type; to make one of RSA takes a second of CPU."""
    folder = tmp_path_factory.mktemp("host-keys")
    made = {"ssh-ed25519": "ed25519", "ecdsa-sha2-nistp256": "ecdsa", "ssh-rsa": "rsa"}
    for kind, short in made.items():
        subprocess.run(["ssh-keygen", "-q", "-t", short, "-N", "", "-f", folder / kind], check=True)
    return {kind: folder / kind for kind in made}


@pytest.fixture
def host_keys(made_host_keys: dict[str, Path], tmp_path: Path) -> dict[str, Path]:
    """The same in a folder of the test's own, which signs them or not."""
    for key in made_host_keys.values():
        for half in (key, key.with_name(f"{key.name}.pub")):
            shutil.copy(half, tmp_path)
    return {kind: tmp_path / kind for kind in made_host_keys}


def fingerprint(key: Path) -> str:
    """As ssh-keygen prints it."""
    shown = subprocess.run(["ssh-keygen", "-lf", key], check=True, capture_output=True, text=True)
    return shown.stdout.split()[1]


def showing(keys: Iterable[Path]) -> dict[str, str]:
    """The options of a server that has these host keys."""
    return {"HostKey": "\nHostKey ".join(map(str, keys))}


def connections_to(server: SshServer) -> int:
    """How many connections the server has seen."""
    return server.log.count("Connection from 127.0.0.1")


@pytest.fixture
def everybodys_folder() -> Iterator[Path]:
    """A folder in which any user may write."""
    with TemporaryDirectory(prefix="opsimate-files-") as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


@pytest.fixture
def with_start_up_files(own_sshd: NewServer, everybodys_folder: Path) -> Callable[[str], SshServer]:
    """A provider whose user has bash as login shell, with this text in a ~/.bashrc."""

    def build(text: str) -> SshServer:
        home = everybodys_folder / "home"
        home.mkdir()
        (home / ".bashrc").write_text(f"eval HOME=~$USER\n{text}\n")
        return own_sshd(options={"ForceCommand": f'exec env HOME={home} bash -c "$SSH_ORIGINAL_COMMAND"'})

    return build


@pytest.fixture
async def connections() -> AsyncIterator[SshConnections]:
    """The connections of an executor."""
    pool = SshConnections()
    yield pool
    await pool.close()


@pytest.fixture(params=["ssh", "ssh as root", "local"])
async def host(request: pytest.FixtureRequest, connections: SshConnections, provider_of: ProviderOf) -> Host:
    """A host of every kind."""
    if request.param == "local":
        return LocalHost(allowed=True)
    server: SshServer = request.getfixturevalue("sshd")
    if request.param == "ssh":
        return SshHost(connections, provider_of(server))
    if os.geteuid() != 0:
        pytest.skip("only root can let root log in")
    return SshHost(connections, provider_of(server, user="root"))
