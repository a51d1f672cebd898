"""How commands travel: alike in every login shell, and whole or not at all."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from executor.domain.command import Findings
from executor.domain.processes import ending_script, findings, looking_script
from executor.domain.proof import Challenge
from executor.domain.script import MARKER, SELF, TOO_LATE, Delivery, deliver, deliver_script
from shared.contracts.parameter import MOST_BYTES, MOST_BYTES_TOGETHER
from shared.ids import new_id
from shared.templating import variable_name
from tests.builders_commands import a_request

LOGIN_SHELLS = [shell for shell in ("sh", "bash", "dash", "zsh", "ksh", "fish", "tcsh") if shutil.which(shell)]
CHALLENGE = Challenge(40, 2)
ANSWER = re.compile(rb"opsimate-shell-42\.\d+\n")


def deliver_to(shell: str, delivery: Delivery, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """What sshd does with it, for a user with this login shell; the answer is taken off what it prints."""
    given = delivery.stdin if stdin is None else stdin
    done = subprocess.run([shell, "-c", delivery.line], input=given, capture_output=True, check=False)
    return subprocess.CompletedProcess(done.args, done.returncode, behind_the_answer(done.stdout), done.stderr)


def behind_the_answer(printed: bytes) -> bytes:
    answer = ANSWER.match(printed)
    assert answer, printed
    return printed[answer.end() :]


@pytest.mark.parametrize("shell", LOGIN_SHELLS)
@pytest.mark.parametrize("values", [{}, {"x": "it's\n$(id) \\ ! é"}])
def test_every_login_shell_delivers_the_same(shell: str, values: dict[str, str]) -> None:
    request = a_request('printf "%s %s" "$OPSIMATE_ATTEMPT" "$OPSIMATE_PARAM_x"; cat; exit 7', values)
    done = deliver_to(shell, deliver(request, CHALLENGE))
    assert done.stdout.decode() == f"{request.attempt_id} {values.get('x', '')}"
    assert (done.returncode, done.stderr) == (7, b"")


@pytest.mark.parametrize("shell", LOGIN_SHELLS)
@pytest.mark.parametrize(
    "command",
    [
        "printf %s 'x'",
        "printf %s '\\!'",
        "printf é",
        "printf 1\nprintf 2",
        "printf " + "x" * 2000,
        "true # it",
        "true &",
    ],
)
@pytest.mark.parametrize("values", [{}, {"x": "it's"}])
def test_no_command_stands_on_the_line(shell: str, command: str, values: dict[str, str]) -> None:
    delivery = deliver(a_request(command, values), CHALLENGE)
    assert command not in delivery.line
    here = subprocess.run(["sh", "-c", command], capture_output=True, check=True)
    assert deliver_to(shell, delivery).stdout == here.stdout


PATH = {"PATH": os.environ["PATH"]}
LOOKING = {**PATH, SELF: "yes"}
"""The environment of scripts that look for processes."""


def test_a_short_command_is_read_by_the_shell_itself() -> None:
    assert " cat" not in deliver(a_request("systemctl restart nginx", {"x": "1"}), CHALLENGE).line
    assert "$(cat)" in deliver(a_request("true\ntrue"), CHALLENGE).line


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("command", ["if true; then echo x", 'echo "x', "ls )", "cat <<E\nx\nE\n( true"])
def test_what_a_shell_cannot_read_is_the_commands_fault_and_not_the_shells(shell: Any, command: str) -> None:
    """The shell answers first; what it then says names the command's own lines."""
    for values in ({}, {"x": "1"}):
        delivery = deliver(a_request(command, values, shell=shell), CHALLENGE)
        done = subprocess.run(
            delivery.argv, input=delivery.stdin, env=dict(delivery.environment) | PATH, capture_output=True, check=False
        )
        assert ANSWER.match(done.stdout)
        assert done.returncode != 0
        last = len(command.splitlines())
        lines = [int(number) for number in re.findall(rb"(?:line |sh: )(\d+):", done.stderr)]
        assert lines, done.stderr
        assert max(lines) <= last + 1, done.stderr


@pytest.mark.parametrize("shell", LOGIN_SHELLS)
@pytest.mark.parametrize("values", [{}, {"x": "1"}])
@pytest.mark.parametrize("said", [b"", b"\n", b"g", b"touch ran\n", b"went\n"])
def test_without_the_word_nothing_begins(shell: str, values: dict[str, str], said: bytes, tmp_path: Path) -> None:
    done = deliver_to(shell, deliver(a_request(f"touch {tmp_path}/ran", values), CHALLENGE), said)
    assert (done.returncode, list(tmp_path.iterdir())) == (125, [])


@pytest.mark.parametrize("shell", LOGIN_SHELLS)
def test_only_a_shell_can_have_worked_out_the_answer(shell: str) -> None:
    """As a menu does that repeats what it was asked to run (case A01)."""
    delivery = deliver(a_request("true"), CHALLENGE)
    repeated = subprocess.run([shell, "-c", 'printf %s "$1"', shell, delivery.line], capture_output=True, check=False)
    assert CHALLENGE.answer not in repeated.stdout + delivery.line.encode()


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("values", [{}, {"x": "1"}])
def test_a_command_finds_itself_in_the_home_folder(shell: Any, values: dict[str, str], tmp_path: Path) -> None:
    delivery = deliver(a_request("pwd", values, shell=shell), CHALLENGE)
    environment = dict(delivery.environment) | PATH | {"HOME": str(tmp_path)}
    done = subprocess.run(
        delivery.argv, input=delivery.stdin, env=environment, capture_output=True, check=True, cwd="/"
    )
    assert (behind_the_answer(done.stdout), done.stderr) == (f"{tmp_path}\n".encode(), b"")


@pytest.mark.parametrize("shell", LOGIN_SHELLS)
@pytest.mark.parametrize("values", [{}, {"x": "1\n"}])
@pytest.mark.parametrize("home", ["/nowhere", "", None])
def test_a_command_finds_itself_in_the_root_folder_where_there_is_no_home_folder(
    shell: str, values: dict[str, str], home: str | None, tmp_path: Path
) -> None:
    """As sshd does it itself."""
    delivery = deliver(a_request("pwd", values), CHALLENGE)
    line = delivery.line.replace("exec env", "exec env -u HOME" if home is None else f"exec env HOME={home}", 1)
    done = subprocess.run(
        [shell, "-c", line], input=delivery.stdin, env=PATH, capture_output=True, check=True, cwd=tmp_path
    )
    assert (behind_the_answer(done.stdout), done.stderr) == (b"/\n", b"")


@pytest.mark.parametrize("shell", LOGIN_SHELLS)
@pytest.mark.parametrize("values", [{}, {"x": "1\n"}])
@pytest.mark.parametrize(("waited", "begins"), [("2.9", True), ("3.0", False)])
def test_a_command_that_is_told_late_does_not_begin(
    shell: str, values: dict[str, str], waited: str, tmp_path: Path, *, begins: bool
) -> None:
    """The clock of the provider is a file here, so that nobody has to wait."""
    uptime = tmp_path / "uptime"
    uptime.write_text("0.99 5.00\n")
    delivery = deliver(a_request("set", values, timeout=1), CHALLENGE)
    with subprocess.Popen(
        [shell, "-c", delivery.line.replace("/proc/uptime", str(uptime))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert ANSWER.match(process.stdout.readline())
        wait_until_it_reads(process.pid)
        uptime.write_text(f"{waited} 5.00\n")
        printed, told = process.communicate(delivery.stdin)
    assert (process.returncode, bool(printed), TOO_LATE.encode() in told) == (
        (0, True, False) if begins else (125, False, True)
    )
    assert b"OPSIMATE_SINCE" not in printed
    assert b"OPSIMATE_NOW" not in printed


def wait_until_it_reads(pid: int) -> None:
    """Wait until a shell, or what it has started, has nothing to do but to wait for standard input."""
    while not all(
        process.status() == psutil.STATUS_SLEEPING
        for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    ):
        time.sleep(0.01)


def test_where_the_provider_has_no_clock_a_command_begins_whenever_it_is_told(tmp_path: Path) -> None:
    delivery = deliver(a_request("echo ran"), CHALLENGE)
    line = delivery.line.replace("/proc/uptime", f"{tmp_path}/nowhere")
    done = subprocess.run(["sh", "-c", line], input=delivery.stdin, capture_output=True, check=True)
    assert (behind_the_answer(done.stdout), done.stderr) == (b"ran\n", b"")


def test_a_command_with_values_never_stands_on_the_line() -> None:
    delivery = deliver(a_request("echo", {"x": "secret"}), CHALLENGE)
    assert "secret" not in delivery.line
    assert "secret" not in repr(delivery)


@pytest.mark.parametrize("cut", ["beginning", "end"])
def test_half_a_script_does_not_run(cut: str, tmp_path: Path) -> None:
    delivery = deliver_script(f"touch {tmp_path}/1\ntouch {tmp_path}/2", CHALLENGE)
    lines = delivery.stdin.splitlines(keepends=True)
    done = deliver_to("sh", delivery, b"".join(lines[1:] if cut == "beginning" else lines[:-1]))
    assert (done.returncode, list(tmp_path.iterdir())) == (125, [])
    assert b"nothing of it was run" in done.stderr


@pytest.mark.parametrize("name", ["a b", "$(id)", "a'b", ""])
def test_only_plain_words_stand_on_the_line(name: str) -> None:
    request = a_request("true")
    with pytest.raises(ValueError, match="OPSIMATE_STEP"):
        deliver(type(request)(**{**vars(request), "environment": {"OPSIMATE_STEP": name}}), CHALLENGE)


def test_a_value_with_a_nul_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        a_request("true", {"x": "a\0b"})


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_values_at_their_limits_arrive_as_variables_and_as_arguments(shell: Any) -> None:
    """Case S-10: one value of the longest name and size, and as many as there may be together."""
    longest = {"n" * 63: "é" * (MOST_BYTES // 2)}
    most = {f"p{number}": "x" * MOST_BYTES for number in range(MOST_BYTES_TOGETHER // MOST_BYTES)}
    for values in (longest, most):
        arguments = " ".join(f'"${{{variable_name(name)}}}"' for name in values)
        delivery = deliver(a_request(f"env printf %s {arguments} | wc -c", values, shell=shell), CHALLENGE)
        done = subprocess.run(
            delivery.argv,
            input=delivery.stdin,
            env=dict(delivery.environment) | PATH,
            capture_output=True,
            check=False,
        )
        assert behind_the_answer(done.stdout).split() == [str(MOST_BYTES * len(values)).encode()]
        assert done.stderr == b""


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
    done = deliver_to(shell, deliver_script(looking_script([new_id()], {}), CHALLENGE))
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
    assert run_script(looking_script([attempt], {})).show_nothing_left
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


@pytest.mark.parametrize("command", ["sleep 1 &", "true # a remark", "true;", "sleep 1 &  "])
def test_a_command_that_nothing_can_follow_travels_by_standard_input(command: str) -> None:
    assert command in deliver(a_request(command), CHALLENGE).stdin.decode()


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("values", [{}, {"x": "1"}])
@pytest.mark.parametrize(
    ("command", "status"), [("true", 0), ("exit 7", 7), ("(exit 9)", 9), ("false &", 0), ("echo a\\", 0)]
)
def test_the_status_is_the_commands_own(shell: Any, values: dict[str, str], command: str, status: int) -> None:
    delivery = deliver(a_request(command, values, shell=shell), CHALLENGE)
    done = subprocess.run(delivery.argv, input=delivery.stdin, env=dict(delivery.environment) | PATH, check=False)
    assert done.returncode == status


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("values", [{}, {"x": "1"}])
def test_the_shell_does_not_turn_into_its_last_command(shell: Any, values: dict[str, str]) -> None:
    delivery = deliver(
        a_request("cat /proc/$PPID/comm; readlink /proc/self/exe; cat /proc/self/stat", values, shell=shell),
        CHALLENGE,
    )
    process = subprocess.Popen(
        delivery.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(delivery.environment) | PATH
    )
    printed, _ = process.communicate(delivery.stdin)
    parent_of_the_last = int(printed.decode().splitlines()[-1].rsplit(")", 1)[1].split()[1])
    assert parent_of_the_last == process.pid
