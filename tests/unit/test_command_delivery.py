"""How commands travel: alike in every login shell, and whole or not at all."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from executor.domain.delivery import TOO_LATE, Challenge, Delivery, deliver, deliver_script
from shared.commands import variable_name
from shared.contracts.parameter import MOST_BYTES, MOST_BYTES_TOGETHER
from tests.builders_commands import a_request

LOGIN_SHELLS = [shell for shell in ("sh", "bash", "dash", "zsh", "ksh", "fish", "tcsh") if shutil.which(shell)]
NO_POSIX_SHELLS = {"fish", "tcsh"}
LOGINS = [
    *((shell, "line") for shell in LOGIN_SHELLS),
    *((shell, "posix_line") for shell in LOGIN_SHELLS if shell not in NO_POSIX_SHELLS),
]
"""A login shell, and which line it is given."""
CHALLENGE = Challenge(40, 2)
ANSWER = re.compile(rb"opsimate-shell-42\.\d+\n")


def deliver_to(
    login: tuple[str, str], delivery: Delivery, stdin: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    """What sshd does with it, for a user with this login shell; the answer is taken off what it prints."""
    shell, line = login
    given = delivery.stdin if stdin is None else stdin
    done = subprocess.run([shell, "-c", getattr(delivery, line)], input=given, capture_output=True, check=False)
    return subprocess.CompletedProcess(done.args, done.returncode, behind_the_answer(done.stdout), done.stderr)


def behind_the_answer(printed: bytes) -> bytes:
    answer = ANSWER.match(printed)
    assert answer, printed
    return printed[answer.end() :]


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("values", [{}, {"x": "it's\n$(id) \\ ! é"}])
def test_every_login_shell_delivers_the_same(login: tuple[str, str], values: dict[str, str]) -> None:
    request = a_request('printf "%s %s" "$OPSIMATE_ATTEMPT" "$OPSIMATE_PARAM_x"; cat; exit 7', values)
    done = deliver_to(login, deliver(request, CHALLENGE))
    assert done.stdout.decode() == f"{request.attempt_id} {values.get('x', '')}"
    assert (done.returncode, done.stderr) == (7, b"")


@pytest.mark.parametrize("login", LOGINS)
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
def test_no_command_stands_on_the_line(login: tuple[str, str], command: str, values: dict[str, str]) -> None:
    delivery = deliver(a_request(command, values), CHALLENGE)
    assert command not in delivery.line + delivery.posix_line
    here = subprocess.run(["sh", "-c", command], capture_output=True, check=True)
    assert deliver_to(login, delivery).stdout == here.stdout


PATH = {"PATH": os.environ["PATH"]}


@pytest.mark.parametrize("there_already", [{}, {"OPSIMATE_ATTEMPT": "another"}])
def test_a_shell_whose_marker_did_not_arrive_gives_no_answer(there_already: dict[str, str], tmp_path: Path) -> None:
    """POSIX leaves open whether what is set before ``exec`` arrives."""
    request = a_request(f"touch {tmp_path}/ran")
    delivery = deliver(request, CHALLENGE)
    _, exec_, line = delivery.posix_line.partition("exec ")
    done = subprocess.run(
        ["sh", "-c", exec_ + line], input=delivery.stdin, env=PATH | there_already, capture_output=True, check=False
    )
    assert (done.stdout, done.stderr, list(tmp_path.iterdir())) == (b"", b"", [])


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


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("values", [{}, {"x": "1"}])
@pytest.mark.parametrize("said", [b"", b"\n", b"g", b"touch ran\n", b"went\n"])
def test_without_the_word_nothing_begins(
    login: tuple[str, str], values: dict[str, str], said: bytes, tmp_path: Path
) -> None:
    done = deliver_to(login, deliver(a_request(f"touch {tmp_path}/ran", values), CHALLENGE), said)
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
    done = deliver_to(("sh", "line"), delivery, b"".join(lines[1:] if cut == "beginning" else lines[:-1]))
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
