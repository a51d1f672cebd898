"""Commands that run as another user of their provider, by sudo."""

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from executor.adapters.hosts import SshHost
from executor.adapters.local import LocalHost
from executor.adapters.ssh_pool import SshConnections
from executor.domain.sudo import Sudo
from executor.ports import Host
from shared.commands import variable_name
from tests.builders_commands import a_request, begin, carry_out
from tests.contract.hosts.conftest import NewServer, ProviderOf
from tests.contract.hosts.marked import marked_processes
from tests.servers import ordinary_user, programs
from tests.servers.ordinary_user import ASKED_FOR, UNASKED
from tests.servers.sshd import SshServer

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not programs.is_there("sudo"), reason="needs sudo, and root to say who may use it"
)
AsWhom = Callable[[str], Sudo]


@pytest.fixture(scope="module", autouse=True)
def _others() -> None:
    ordinary_user.present_for_sudo()


@pytest.fixture
def host(connections: SshConnections, provider_of: ProviderOf, sshd: SshServer) -> Host:
    return SshHost(connections, provider_of(sshd))


def password() -> str:
    return ordinary_user.present_with_password()


@pytest.mark.parametrize("user", [ASKED_FOR, UNASKED])
async def test_a_command_runs_as_another_user_whether_sudo_asks_or_not(host: Host, user: str) -> None:
    """Where it does not ask, the password is not told to anybody: the command's input is empty."""
    command = f'id -un; pwd; cd; pwd; cat; printf "%s|" "$OPSIMATE_STEP" "${variable_name("x")}"'
    for long in ("", ": " + "x" * 2_000):
        ended, printed = await carry_out(
            host, a_request(f"{long}\n{command}", {"x": "a 'b"}, sudo=Sudo(user, password()))
        )
        assert ended.state == "succeeded", ended.reason_text
        assert printed.stdout.decode() == f"{user}\n/home/{user}\n/home/{user}\nonly|a 'b|"
        assert printed.stderr == b""


async def test_a_user_who_needs_no_password_needs_none(host: Host) -> None:
    ended, printed = await carry_out(host, a_request("id -un", sudo=Sudo(UNASKED)))
    assert (ended.state, printed.stdout.decode()) == ("succeeded", f"{UNASKED}\n"), ended.reason_text


async def test_the_password_is_nowhere_to_be_seen(host: Host) -> None:
    files = "/proc/[0-9]*/cmdline /proc/[0-9]*/environ"
    command = f"for f in {files}; do tr '\\0' '\\n' <$f; done 2>/dev/null; env; set; cat; echo end"
    ended, printed = await carry_out(host, a_request(command, sudo=Sudo(ASKED_FOR, password())))
    assert ended.state == "succeeded", ended.reason_text
    assert printed.stdout.endswith(b"end\n")
    assert password().encode() not in printed.stdout + printed.stderr


async def test_a_wrong_password_is_told_and_nothing_is_run(host: Host) -> None:
    ended, printed = await carry_out(host, a_request("echo ran", sudo=Sudo(ASKED_FOR, "wrong")))
    assert (ended.state, ended.reason, ended.is_lasting) == ("failed", "authentication_failed", True)
    assert "does not take the password of opsimate-test" in (ended.reason_text or "")
    assert "wrong" not in (ended.reason_text or "")
    assert printed.stdout == b""


async def test_a_password_that_is_asked_for_and_not_known_is_told(host: Host) -> None:
    ended, _ = await carry_out(host, a_request("id", sudo=Sudo(ASKED_FOR)))
    assert (ended.state, ended.reason) == ("failed", "authentication_failed")
    assert "asks for the password of opsimate-test" in (ended.reason_text or "")
    assert "NOPASSWD" in (ended.reason_text or "")


async def test_a_refusal_is_told_in_sudos_own_words(host: Host) -> None:
    ended, _ = await carry_out(host, a_request("id", sudo=Sudo("root", password())))
    assert (ended.state, ended.reason) == ("failed", "not_allowed"), ended.reason_text
    assert "does not let opsimate-test run commands as root" in (ended.reason_text or "")
    assert "It said" in (ended.reason_text or "")


@pytest.mark.parametrize("language", ["en", "de", "ja"])
async def test_a_user_whom_the_machine_does_not_know_is_told_whatever_language_sudo_speaks(
    connections: SshConnections, provider_of: ProviderOf, own_sshd: NewServer, language: str
) -> None:
    server = own_sshd(options={"SetEnv": f"LC_ALL=C.UTF-8 LANGUAGE={language}"})
    host = SshHost(connections, provider_of(server))
    ended, printed = await carry_out(host, a_request("echo ran", sudo=Sudo("nosuchuser", password())))
    assert (ended.state, ended.reason, ended.is_lasting) == ("failed", "misconfigured", True), ended.reason_text
    text = ended.reason_text or ""
    assert "There is no user 'nosuchuser' on 127.0.0.1" in text
    assert 'It said "sudo: ' in text
    assert "sudoers there say" not in text
    assert printed.stdout == b""
    ended, _ = await carry_out(host, a_request("id", sudo=Sudo("root", password())))
    assert ended.reason == "not_allowed", ended.reason_text


async def test_a_missing_sudo_is_told(
    connections: SshConnections, provider_of: ProviderOf, own_sshd: NewServer, everybodys_folder: Path
) -> None:
    for program in ("env", "sh", "cat"):
        (everybodys_folder / program).symlink_to(str(shutil.which(program)))
    server = own_sshd(options={"SetEnv": f"PATH={everybodys_folder}"})
    ended, _ = await carry_out(SshHost(connections, provider_of(server)), a_request("id", sudo=Sudo(UNASKED)))
    assert (ended.state, ended.reason) == ("failed", "misconfigured"), ended.reason_text
    assert "sudo was not found" in (ended.reason_text or "")


@pytest.mark.parametrize("why", ["timeout", "cancelled"])
@pytest.mark.parametrize("user", [ASKED_FOR, UNASKED])
async def test_a_command_of_another_user_is_really_ended(
    host: Host, why: Literal["timeout", "cancelled"], user: str
) -> None:
    command = "trap '' TERM; sleep 1000 & (trap '' TERM; exec setsid sleep 1000) & echo begun; wait; wait; sleep 1000"
    request = a_request(command, timeout=2 if why == "timeout" else 60, grace=1, sudo=Sudo(user, password()))
    running = begin(host, request)
    await running.printed.until(b"begun")
    assert marked_processes(request.attempt_id)
    if why == "cancelled":
        running.cancelled.set()
    ended = await running.task
    assert (ended.reason, ended.ending) == (why, "confirmed"), ended.reason_text
    assert marked_processes(request.attempt_id) == []


async def test_what_an_earlier_attempt_of_another_user_left_is_found_and_ended(host: Host) -> None:
    sudo = Sudo(UNASKED)
    request = a_request("sleep 1000 >/dev/null 2>&1 & echo begun", sudo=sudo)
    await carry_out(host, request)
    assert not (await host.find_leftovers([request.attempt_id], {}, sudo)).show_nothing_left
    assert (await host.end_leftovers([request.attempt_id], {}, sudo)).show_nothing_left
    assert marked_processes(request.attempt_id) == []


async def test_a_command_on_the_own_machine_runs_as_another_user() -> None:
    host = LocalHost(allowed=True)
    ended, printed = await carry_out(host, a_request("id -un; cat; pwd", sudo=Sudo(UNASKED)))
    assert (ended.state, printed.stdout.decode()) == ("succeeded", f"{UNASKED}\n/home/{UNASKED}\n"), ended.reason_text
    ended, _ = await carry_out(host, a_request("id", sudo=Sudo("nosuchuser")))
    assert (ended.state, ended.reason) == ("failed", "misconfigured"), ended.reason_text
    assert "There is no user 'nosuchuser' on the executor's own machine" in (ended.reason_text or "")
    running = begin(host, request := a_request("echo begun; sleep 1000", sudo=Sudo(UNASKED)))
    await running.printed.until(b"begun")
    await asyncio.sleep(0)
    running.cancelled.set()
    ended = await running.task
    assert (ended.reason, ended.ending) == ("cancelled", "confirmed"), ended.reason_text
    assert marked_processes(request.attempt_id) == []
