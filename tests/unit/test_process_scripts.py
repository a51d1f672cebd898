"""The scripts that find what is left of attempts on a provider, and end it."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from executor.domain.command import MARKER, SELF, Findings
from executor.domain.delivery import Challenge, deliver_script
from executor.domain.processes import (
    BOOT_SCRIPT,
    OTHER_BOOT,
    boot_in,
    ending_script,
    findings,
    looking_script,
    on_boot,
)
from shared.clock import new_id
from tests.product import eventually

LOGIN_SHELLS = [shell for shell in ("sh", "bash", "dash", "zsh", "ksh", "fish", "tcsh") if shutil.which(shell)]
PATH = {"PATH": os.environ["PATH"]}
LOOKING = {**PATH, SELF: "yes"}
"""The environment of scripts that look for processes."""


def test_processes_are_found_where_grep_stops_at_nul(tmp_path: Path) -> None:
    """As busybox's does; the variable is not the first of the environment."""
    attempt = new_id()
    grep = tmp_path / "grep"
    grep.write_text(f'#!/bin/sh\ncase "$1" in -qaF) exit 1 ;; esac\nexec {shutil.which("grep")} "$@"\n')
    grep.chmod(0o755)
    environment = {"FIRST": "1", MARKER: attempt, "PATH": os.environ["PATH"]}
    with subprocess.Popen(["sleep", "1000"], env=environment, start_new_session=True) as process:
        while not Path(f"/proc/{process.pid}/environ").read_bytes():  # the kernel fills it in just after the start
            time.sleep(0.01)
        look, end = looking_script([attempt], {}), ending_script([attempt], {}, grace=1)
        searched = {**LOOKING, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
        looked = subprocess.run(["sh", "-c", look], env=searched, capture_output=True, text=True, check=True)
        ended = subprocess.run(["sh", "-c", end], env=LOOKING, capture_output=True, text=True, check=True)
        assert process.wait(10) == -15
    looked_at, afterwards = findings(looked.stdout), findings(ended.stdout)
    assert (looked_at.readable, looked_at.left) == (True, (process.pid,))
    assert afterwards.show_nothing_left


@pytest.mark.parametrize("shell", LOGIN_SHELLS)
def test_a_script_that_looks_for_processes_finds_itself_first(shell: str) -> None:
    delivery = deliver_script(looking_script([new_id()], {}), Challenge(40, 2))
    done = subprocess.run([shell, "-c", delivery.line], input=delivery.stdin, capture_output=True, check=True)
    assert findings(done.stdout.decode()).show_nothing_left


def test_without_grep_nothing_is_seen_rather_than_seen_to_be_gone(tmp_path: Path) -> None:
    for name in ("sh", "tr", "sleep", "date"):
        (tmp_path / name).symlink_to(shutil.which(name) or "")
    for script in (looking_script([new_id()], {}), ending_script([new_id()], {}, grace=1)):
        environment = {**LOOKING, "PATH": str(tmp_path)}
        done = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True, check=True)
        assert "unreadable" in done.stdout
        assert not findings(done.stdout).readable


def test_where_other_users_processes_are_hidden_nothing_is_seen_rather_than_seen_to_be_gone() -> None:
    as_nobody = (
        'mount -o remount,hidepid=2 /proc && setpriv --reuid 65534 --regid 65534 --clear-groups sh -c "$1"; exit $?'
    )
    world = ["unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", as_nobody, "sh"]
    if subprocess.run([*world, "true"], capture_output=True, check=False).returncode:
        pytest.skip("only root can hide processes")
    script = looking_script([new_id()], {})
    done = subprocess.run([*world, script], env=LOOKING, capture_output=True, text=True, check=True)
    assert not findings(done.stdout).readable


@pytest.mark.parametrize(
    "printed",
    [
        None,
        "",
        "Welcome!\n",
        "opsimate: unreadable; up 12.\n",
        "say opsimate: left; up 12.\n",
        "opsimate: left",
        "opsimate: left 1",
    ],
)
def test_what_reports_nothing_has_seen_nothing(printed: str | None) -> None:
    assert not findings(printed).readable


def test_a_report_says_what_is_left_and_how_long_the_machine_is_up() -> None:
    assert findings("opsimate: left 12 345; up 67.\n") == Findings(readable=True, left=(12, 345), up_for=67)
    assert findings("opsimate: left; up unknown.\n") == Findings(readable=True)


@contextmanager
def a_server() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that leads a group, as a server does that starts commands in its own."""
    with subprocess.Popen(["sleep", "1000"], process_group=0) as server:
        try:
            yield server
        finally:
            os.killpg(server.pid, signal.SIGKILL)


def marked(attempt_id: str, command: str, group: int) -> "subprocess.Popen[bytes]":
    """A shell of the attempt in a group, once it has started its children."""
    process = subprocess.Popen(
        ["sh", "-c", f"{command} echo; wait"],
        env={MARKER: attempt_id, **PATH},
        stdout=subprocess.PIPE,
        process_group=group,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def run_script(script: str) -> Findings:
    return findings(
        subprocess.run(["sh", "-c", script], env=LOOKING, capture_output=True, text=True, check=True).stdout
    )


def test_a_group_that_something_else_leads_is_not_signalled() -> None:
    """Case S-01: as under dropbear, where all commands of a connection are in one group, the server's."""
    sleeps = "sleep 1000 & env -i sleep 1000 & (sleep 1000; true) &"
    one, other = new_id(), new_id()
    with a_server() as server, marked(one, sleeps, server.pid) as first, marked(other, sleeps, server.pid) as second:
        seen = run_script(looking_script([one], {})).left
        assert first.pid in seen
        assert len(seen) == 5
        assert run_script(ending_script([one], {}, grace=1)).show_nothing_left
        assert first.wait(10) == -signal.SIGTERM
        assert (server.poll(), second.poll()) == (None, None)
        assert len(run_script(looking_script([other], {})).left) == 5
        os.killpg(server.pid, signal.SIGKILL)


def test_a_server_that_the_attempt_has_started_is_passed_over_by_what_runs_below_it() -> None:
    """The script comes through the server, and must neither end it nor itself."""
    attempt = new_id()
    server = [
        "sh",
        "-c",
        'sleep 1000 & env -i "PATH=$PATH" OPSIMATE_SELF=yes sh -c "$1"; kill $!',
        "sh",
        ending_script([attempt], {}, grace=1),
    ]
    environment = {MARKER: attempt, **PATH}
    done = subprocess.run(server, env=environment, capture_output=True, text=True, check=True, start_new_session=True)
    assert findings(done.stdout).show_nothing_left


def test_what_has_lost_its_parent_meanwhile_is_still_ended() -> None:
    """Case S-01: in a group that is not the attempt's own, an unmarked child of a shell that TERM has ended."""
    deaf = "env -i sh -c 'trap : TERM; while :; do sleep 1; done' &"
    attempt = new_id()
    with a_server() as server, marked(attempt, deaf, server.pid) as shell:
        assert run_script(ending_script([attempt], {}, grace=1)).show_nothing_left
        assert shell.wait(10) == -signal.SIGTERM
        living = [p.pid for p in psutil.process_iter(["status"]) if p.info["status"] != psutil.STATUS_ZOMBIE]
        assert [pid for pid in living if _group(pid) == server.pid] == [server.pid]


def test_what_begins_while_the_rest_is_ended_is_ended_too() -> None:
    """Case S-01: an unmarked shell that goes on after TERM, and starts something new at every moment."""
    deaf = "env -i sh -c 'trap : TERM; while :; do sleep 1000 & sleep 0.02; done' &"
    attempt = new_id()
    with a_server() as server, marked(attempt, deaf, server.pid) as shell:
        assert run_script(ending_script([attempt], {}, grace=1)).show_nothing_left
        assert shell.wait(10) == -signal.SIGTERM
        living = [p.pid for p in psutil.process_iter(["status"]) if p.info["status"] != psutil.STATUS_ZOMBIE]
        assert [pid for pid in living if _group(pid) == server.pid] == [server.pid]


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def left_by(shell: "subprocess.Popen[bytes]") -> list[int]:
    """What a shell that has ended left in its group or session."""
    shell.wait(10)
    living = [p.pid for p in psutil.process_iter(["status"]) if p.info["status"] != psutil.STATUS_ZOMBIE]
    return [pid for pid in living if _group(pid) == shell.pid or _session(pid) == shell.pid]


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


@pytest.mark.parametrize("how", ["&", "& set -m; env -i sleep 1000 &"])
def test_what_an_attempts_own_shell_has_left_is_found_and_ended_without_its_marker(how: str) -> None:
    """As what another user runs, whose environment cannot be read: only the shell's id tells whose it is."""
    attempt = new_id()
    shell = subprocess.Popen(
        ["sh", "-c", f"env -i sleep 1000 {how}"], env={MARKER: attempt, **PATH}, start_new_session=True
    )
    left = left_by(shell)
    assert left
    # What `env` runs has the marker until it is run.
    eventually(lambda: run_script(looking_script([attempt], {})).show_nothing_left, what="nothing has the marker")
    assert sorted(run_script(looking_script([attempt], {shell.pid: 0})).left) == left
    assert run_script(ending_script([attempt], {shell.pid: 0}, grace=1)).show_nothing_left
    assert left_by(shell) == []


def test_what_has_the_id_of_an_attempts_shell_since_and_is_somebody_elses_is_left_alone() -> None:
    up = Path("/proc/uptime").read_text().split()[0]
    with a_server() as server, a_server() as after_a_restart:
        leaderless = subprocess.Popen(["sh", "-c", "sleep 1000 &"], env=PATH, process_group=0)
        left = left_by(leaderless)
        shells = {server.pid: 0.0, leaderless.pid: float(up) + 60, after_a_restart.pid: float(up) + 60}
        assert run_script(ending_script([new_id()], shells, grace=1)).show_nothing_left
        assert (server.poll(), after_a_restart.poll(), left_by(leaderless)) == (None, None, left)
        os.killpg(leaderless.pid, signal.SIGKILL)


def test_the_script_is_outside_of_what_it_ends() -> None:
    """Where a step itself has started the server that the script comes through, with an environment made anew."""
    script = ending_script([new_id()], {}, grace=1)
    own = f"shells=$$/0; {script}".replace("shells=''", "")
    done = subprocess.run(
        ["sh", "-c", own], env=LOOKING, capture_output=True, text=True, check=True, start_new_session=True
    )
    assert findings(done.stdout).show_nothing_left


def test_only_ids_of_attempts_can_be_looked_for() -> None:
    with pytest.raises(ValueError, match="id of an attempt"):
        looking_script(["$(id)"], {})


@pytest.mark.parametrize("shell", [shell for shell in ("dash", "bash", "busybox", "mksh") if shutil.which(shell)])
def test_a_command_runs_on_the_start_of_its_machine_that_it_was_meant_for_alone(shell: str) -> None:
    run = [shell, "sh", "-c"] if shell == "busybox" else [shell, "-c"]
    boot = boot_in(subprocess.run([*run, BOOT_SCRIPT], capture_output=True, text=True, check=True).stdout)
    assert boot
    assert boot.startswith(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
    done = subprocess.run([*run, on_boot(boot, "echo $# ran")], capture_output=True, text=True, check=True)
    assert done.stdout == "0 ran\n"
    other = boot.replace("-", "-0", 1)
    refused = subprocess.run([*run, on_boot(other, "echo ran")], capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout, refused.stderr) == (125, "", f"{OTHER_BOOT}\n")


def test_a_machine_that_does_not_tell_its_starts_apart_is_told_from_one_that_does_not_answer() -> None:
    assert boot_in(None) is None
    assert boot_in("opsim") is None
    assert boot_in("opsimate: no boot.\n") == ""
    assert boot_in("opsimate: boot 1a-2b 17.\nopsimate: no boot.\n") == "1a-2b 17"
    assert boot_in("opsimate: boot 1a-2b .\n") == "1a-2b "
    assert on_boot("", "command") == "command"
