"""A command begins in a shell of its own attempt, or not at all; and what is told as not begun does not begin later."""

import asyncio
import pwd
import shutil
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from executor.adapters import hosts
from executor.adapters.hosts import SshHost
from executor.adapters.ssh_pool import SshConnections
from tests.builders_commands import a_request, begin, carry_out
from tests.contract.hosts.conftest import NewServer, ProviderOf
from tests.servers.sshd import SshServer

WithStartUpFiles = Callable[[str], SshServer]

NO_SHELLS = {
    "a menu that repeats what it is asked": 'echo "Unknown command: $SSH_ORIGINAL_COMMAND"; exit 0',
    "a welcome": "echo welcome; exit 0",
    "nothing at all": "/bin/true",
    "nologin": "/usr/sbin/nologin",
    "a restricted shell": 'exec rbash -c "$SSH_ORIGINAL_COMMAND"',
    "sftp only": "internal-sftp",
    "a login shell that is not there": "exec /nowhere/sh -c true",
    "an expired password": 'echo "Password change required but no TTY available."; exit 1',
}
SAID = {
    "a menu that repeats what it is asked": "Unknown command: exec env OPSIMATE_ATTEMPT=",
    "a welcome": "welcome",
    "nothing at all": "printed nothing, and ended with exit status 0",
    "nologin": "not available",
    "a restricted shell": "restricted",
    "sftp only": "sftp connections only",
    "a login shell that is not there": "/nowhere/sh",
    "an expired password": "Password change required",
}


@pytest.mark.parametrize("what", NO_SHELLS)
async def test_a_log_in_that_runs_no_commands_fails_and_says_what_it_said(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, everybodys_folder: Path, what: str
) -> None:
    """Cases A01, S-02, S-07."""
    host = SshHost(connections, provider_of(own_sshd(options={"ForceCommand": NO_SHELLS[what]})))
    ran = everybodys_folder / "ran"
    report = await host.test()
    assert (report.ok, report.reason) == (False, "no_session")
    assert SAID[what].split("=")[0] in report.message or what.startswith("a menu")
    running = begin(host, a_request(f"touch {ran}; exit 7"))
    ended = await running.ended()
    assert (ended.state, ended.reason, ended.exit_status, ended.is_lasting) == ("failed", "unreachable", None, True)
    assert "runs no shell commands." in (ended.reason_text or "")
    assert (ended.reason_text or "").endswith("Nothing was run.")
    assert SAID[what] in (ended.reason_text or "")
    assert (running.started, bytes(running.printed.stdout), ran.exists()) == ([], b"", False)


NO_POSIX_SHELL = """
case $SSH_ORIGINAL_COMMAND in
  exec*) exec sh -c "$SSH_ORIGINAL_COMMAND";;
  *) echo x >> {tries}; echo "${{SSH_ORIGINAL_COMMAND%% *}}: Command not found." >&2; exit 1;;
esac
"""
"""As csh does, to which a variable before a command is the command."""


async def test_a_login_shell_that_is_no_posix_shell_is_found_out_once(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, everybodys_folder: Path
) -> None:
    tries = everybodys_folder / "tries"
    script = everybodys_folder / "login"
    script.write_text(NO_POSIX_SHELL.format(tries=tries))
    host = SshHost(connections, provider_of(own_sshd(options={"ForceCommand": f"sh {script}"})))
    request = a_request('printf %s "$OPSIMATE_ATTEMPT"')
    runs = [await carry_out(host, request), *await asyncio.gather(*(carry_out(host, request) for _ in range(3)))]
    assert [ended.state for ended, _ in runs] == ["succeeded"] * 4
    assert {(bytes(printed.stdout), bytes(printed.stderr)) for _, printed in runs} == {
        (request.attempt_id.encode(), b"")
    }
    assert tries.read_text() == "x\n"


@pytest.mark.parametrize("shell", ["zsh", "ksh", "mksh", "busybox sh", "fish", "tcsh"])
@pytest.mark.parametrize("values", [{}, {"x": "1\n2"}])
async def test_every_login_shell_hands_a_command_to_its_own(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, *, shell: str, values: dict[str, str]
) -> None:
    """Two of them do not pass on a variable before `exec`: tcsh takes it for the command, fish drops it."""
    server = own_sshd(options={"ForceCommand": f'exec {shell} -c "$SSH_ORIGINAL_COMMAND"'})
    host = SshHost(connections, provider_of(server))
    assert (await host.test()).ok
    request = a_request('printf %s "$OPSIMATE_ATTEMPT${OPSIMATE_PARAM_x-}"; exit 7', values)
    ends = [await carry_out(host, request) for _ in range(2)]
    assert [ended.exit_status for ended, _ in ends] == [7, 7]
    said = (request.attempt_id + values.get("x", "")).encode()
    assert [(bytes(printed.stdout), bytes(printed.stderr)) for _, printed in ends] == [(said, b"")] * 2


async def test_commands_that_find_it_out_together_all_begin(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, everybodys_folder: Path
) -> None:
    script = everybodys_folder / "login"
    script.write_text(NO_POSIX_SHELL.format(tries=everybodys_folder / "tries"))
    (everybodys_folder / "tries").touch(mode=0o666)
    host = SshHost(connections, provider_of(own_sshd(options={"ForceCommand": f"sh {script}"})))
    ends = await asyncio.gather(*(carry_out(host, a_request("exit 7")) for _ in range(4)))
    assert [ended.exit_status for ended, _ in ends] == [7] * 4


@pytest.mark.parametrize("hides", ["; exit 0", " | cat"])
async def test_a_log_in_that_hides_exit_statuses_fails_its_test(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, hides: str
) -> None:
    server = own_sshd(options={"ForceCommand": f'sh -c "$SSH_ORIGINAL_COMMAND"{hides}'})
    report = await SshHost(connections, provider_of(server)).test()
    assert (report.ok, report.reason) == (False, "no_session")
    assert "hides exit statuses" in report.message


@pytest.mark.parametrize("values", [{}, {"x": "1\n"}])
@pytest.mark.parametrize("instead", ["</dev/null", "< <(sleep 0.5)", "< <(sleep 0.5; echo something else)"])
async def test_a_log_in_that_keeps_standard_input_from_the_shell_is_told_as_that(
    own_sshd: NewServer,
    connections: SshConnections,
    provider_of: ProviderOf,
    everybodys_folder: Path,
    *,
    instead: str,
    values: dict[str, str],
) -> None:
    """Whether the shell ends before it is told anything or after that."""
    line = f'exec bash -c "exec bash -c \\"\\$SSH_ORIGINAL_COMMAND\\" {instead}"'
    host = SshHost(connections, provider_of(own_sshd(options={"ForceCommand": line})))
    ended, _ = await carry_out(host, a_request(f"touch {everybodys_folder}/ran", values))
    assert (ended.state, ended.reason, ended.exit_status, ended.is_lasting) == ("failed", "unreachable", None, True)
    assert "Standard input does not reach" in (ended.reason_text or "")
    assert (ended.reason_text or "").endswith("Nothing was run.")
    assert "Standard input does not reach" in (await host.test()).message
    assert not (everybodys_folder / "ran").exists()


async def test_a_terminal_between_is_told_at_once_as_that(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, everybodys_folder: Path
) -> None:
    server = own_sshd(options={"ForceCommand": 'exec script -qec "$SSH_ORIGINAL_COMMAND" /dev/null'})
    host = SshHost(connections, provider_of(server))
    running = begin(host, a_request(f"touch {everybodys_folder}/ran"))
    ended = await running.ended(within=hosts.START_UP / 2)
    assert (ended.state, ended.reason, ended.is_lasting, running.started) == ("failed", "unreachable", True, [])
    assert "puts a terminal between" in (ended.reason_text or "")
    assert "puts a terminal between" in (await host.test()).message
    assert not (everybodys_folder / "ran").exists()


@pytest.mark.parametrize("values", [{}, {"x": "1"}])
@pytest.mark.parametrize("other", [shell for shell in ("sh", "zsh", "fish") if shutil.which(shell)])
async def test_start_up_files_that_turn_into_another_shell_are_told_and_it_never_gets_the_script(
    with_start_up_files: WithStartUpFiles,
    connections: SshConnections,
    provider_of: ProviderOf,
    monkeypatch: pytest.MonkeyPatch,
    everybodys_folder: Path,
    *,
    other: str,
    values: dict[str, str],
) -> None:
    """Cases S-02, S-05, A07-shell."""
    monkeypatch.setattr(hosts, "START_UP", 1)
    host = SshHost(connections, provider_of(with_start_up_files(f"exec {other}")))
    running = begin(host, a_request(f"touch {everybodys_folder}/ran; exit 7", values, timeout=0.5))
    ended = await running.ended()
    assert (ended.state, ended.reason, ended.is_lasting, running.started) == ("failed", "unreachable", True, [])
    assert "start-up files" in (ended.reason_text or "")
    assert not (everybodys_folder / "ran").exists()


async def test_a_provider_whose_start_up_files_turn_into_another_shell_fails_its_test(
    with_start_up_files: WithStartUpFiles,
    connections: SshConnections,
    provider_of: ProviderOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Case S-02."""
    monkeypatch.setattr(hosts, "TEST_START_UP", 1)
    report = await SshHost(connections, provider_of(with_start_up_files("exec sh"))).test()
    assert (report.ok, report.reason) == (False, "no_session")


async def test_a_connection_that_goes_while_start_up_files_run_does_not_make_a_command_run_twice(
    with_start_up_files: WithStartUpFiles, connections: SshConnections, provider_of: ProviderOf, everybodys_folder: Path
) -> None:
    """Case S-03."""
    first, go = everybodys_folder / "first", everybodys_folder / "go"
    wait = f"until [ -e {go} ]; do sleep 0.05; done"
    server = with_start_up_files(
        f"if mkdir {first} 2>/dev/null; then echo Welcome; echo $PPID >{first}/sshd; {wait}; fi"
    )
    running = begin(
        SshHost(connections, provider_of(server)), a_request(f'echo "$OPSIMATE_ATTEMPT" >> {everybodys_folder}/ran')
    )
    sshd = first / "sshd"
    await _until(lambda: sshd.exists() and sshd.read_text().endswith("\n"))
    psutil.Process(int(sshd.read_text())).kill()
    ended = await running.ended()
    go.touch()
    assert (ended.state, len(running.started)) == ("succeeded", 1)
    assert len((everybodys_folder / "ran").read_text().splitlines()) == 1


@pytest.mark.parametrize("values", [{}, {"x": "1"}])
@pytest.mark.parametrize("how", ["cancelled", "too slow"])
async def test_what_was_ended_while_start_up_files_ran_does_not_begin_afterwards(
    with_start_up_files: WithStartUpFiles,
    connections: SshConnections,
    provider_of: ProviderOf,
    monkeypatch: pytest.MonkeyPatch,
    everybodys_folder: Path,
    *,
    how: str,
    values: dict[str, str],
) -> None:
    """Cases A07-slow, S-03."""
    monkeypatch.setattr(hosts, "START_UP", 0.5 if how == "too slow" else 30)
    here, go, shell = (everybodys_folder / name for name in ("here", "go", "shell"))
    server = with_start_up_files(f"echo $$ >{shell}; touch {here}; until [ -e {go} ]; do sleep 0.05; done")
    running = begin(SshHost(connections, provider_of(server)), a_request(f"touch {everybodys_folder}/ran", values))
    await _until(here.exists)
    if how == "cancelled":
        running.cancelled.set()
    ended = await running.ended()
    if how == "cancelled":
        assert (ended.state, ended.ending) == ("cancelled", "confirmed")
    else:
        assert (ended.state, ended.reason, ended.is_lasting) == ("failed", "unreachable", False)
        assert "took longer than 0.5 s" in (ended.reason_text or "")
    assert running.started == []
    go.touch()
    await _until(lambda: not psutil.pid_exists(int(shell.read_text())))
    assert not (everybodys_folder / "ran").exists()


async def test_the_time_out_of_a_step_counts_from_the_begin_of_its_command(
    with_start_up_files: WithStartUpFiles, connections: SshConnections, provider_of: ProviderOf
) -> None:
    """Case A07-slow."""
    host = SshHost(connections, provider_of(with_start_up_files("sleep 1.5")))
    ended, printed = await carry_out(host, a_request("echo x", timeout=1))
    assert (ended.state, bytes(printed.stdout)) == ("succeeded", b"x\n")


@pytest.mark.parametrize("values", [{}, {"x": "1"}])
@pytest.mark.parametrize("noise", ["printf '\\033]0;title\\007'", "echo Welcome; echo warning >&2", "printf opsimate-"])
async def test_what_start_up_files_print_is_no_output_and_hides_no_report(
    with_start_up_files: WithStartUpFiles,
    connections: SshConnections,
    provider_of: ProviderOf,
    noise: str,
    values: dict[str, str],
) -> None:
    """Case S-04."""
    host = SshHost(connections, provider_of(with_start_up_files(noise)))
    ended, printed = await carry_out(host, a_request("echo begun; sleep 83", values, timeout=1))
    assert (ended.state, ended.reason, ended.ending) == ("failed", "timeout", "confirmed"), ended
    assert (bytes(printed.stdout), bytes(printed.stderr)) == (b"begun\n", b"")
    assert (await host.test()).ok


@pytest.mark.parametrize("values", [{}, {"x": "1"}])
async def test_a_command_runs_in_the_home_folder_wherever_start_up_files_go(
    with_start_up_files: WithStartUpFiles, connections: SshConnections, provider_of: ProviderOf, values: dict[str, str]
) -> None:
    """Case A07-cd."""
    server = with_start_up_files("cd /tmp")
    _, printed = await carry_out(SshHost(connections, provider_of(server)), a_request("pwd", values))
    assert printed.stdout.decode().strip() == pwd.getpwnam(server.user).pw_dir


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.02)
