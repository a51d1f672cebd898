"""Which servers the tests take: those that the environment names, in the versions that the product is run with."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from tests.servers import programs, sources
from tests.servers.sources import ServerMissing, Wanted
from tests.servers.sshd import SshServer


@pytest.mark.parametrize("wanted", [sources.RABBITMQ, sources.SSHD])
def test_named_programs_are_meant_and_a_wrong_name_is_told(
    wanted: Wanted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = wanted.programs_variable
    assert variable is not None
    monkeypatch.setenv(variable, str(tmp_path / "nothing"))
    with pytest.raises(ServerMissing, match=f"{variable} is .*nothing, where no {wanted.name} is"):
        wanted.source(private=True)


@pytest.mark.parametrize("penalties", [False, True])
async def test_an_sshd_shuts_out_who_comes_without_logging_in_only_where_a_test_wants_it(
    own_sshd: Callable[..., SshServer], penalties: bool
) -> None:
    sshd = programs.sshd()
    if penalties and sshd is not None and programs.sshd_version(sshd) < (9, 8):
        pytest.skip("this OpenSSH shuts nobody out")
    server = own_sshd(penalties=penalties, options={"PerSourcePenalties": "noauth:60 min:10"} if penalties else {})
    for _ in range(3):
        with suppress(OSError, asyncssh.Error):
            await asyncssh.get_server_host_key(server.host, server.port)
    if penalties:
        with pytest.raises((OSError, asyncssh.Error)):
            await _log_in(server)
    else:
        await _log_in(server)


async def _log_in(server: SshServer) -> None:
    key = asyncssh.import_private_key(server.private_key)
    options: dict[str, Any] = {"username": server.user, "client_keys": [key], "known_hosts": None}
    async with asyncssh.connect(server.host, server.port, **options) as connection:
        await connection.run("true", check=True)


def test_containers_are_those_of_the_compose_file() -> None:
    compose = (Path(__file__).parents[2] / "docker-compose.yml").read_text()
    for wanted in (sources.RABBITMQ, sources.MONGO):
        assert f"image: {wanted.image}" in compose
        assert "." in str(wanted.image), "a minor version is named, so that a pull never upgrades"
