"""How commands travel: alike in every login shell, and whole or not at all."""

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from executor.domain.command import Findings
from executor.domain.processes import ending_script, findings, looking_script
from executor.domain.script import MARKER, Delivery, deliver, deliver_script
from shared.contracts.parameter import MOST_BYTES, MOST_BYTES_TOGETHER
from shared.templating import variable_name
from tests.builders_commands import a_request

LOGIN_SHELLS = [shell for shell in ("sh", "bash", "dash", "zsh", "ksh", "fish", "tcsh") if shutil.which(shell)]


def deliver_to(shell: str, delivery: Delivery, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """What sshd does with it, for a user with this login shell."""
    given = delivery.stdin if stdin is None else stdin
    return subprocess.run([shell, "-c", delivery.line], input=given, capture_output=True, check=False)


@pytest.mark.parametrize("shell", LOGIN_SHELLS)
@pytest.mark.parametrize("values", [{}, {"x": "it's\n$(id) \\ ! é"}])
def test_every_login_shell_delivers_the_same(shell: str, values: dict[str, str]) -> None:
    request = a_request('printf "%s %s" "$OPSIMATE_ATTEMPT" "$OPSIMATE_PARAM_x"; cat; exit 7', values)
    done = deliver_to(shell, deliver(request))
    assert done.stdout.decode() == f"{request.attempt_id} {values.get('x', '')}"
    assert (done.returncode, done.stderr) == (7, b"")


@pytest.mark.parametrize(
    "command", ["echo 'x'", "echo \\\\", "echo !", "echo é", "echo 1\necho 2", "echo " + "x" * 2000]
)
def test_what_shells_read_differently_travels_by_standard_input(command: str) -> None:
    delivery = deliver(a_request(command))
    assert command.encode() in delivery.stdin
    assert command not in delivery.line


PATH = {"PATH": os.environ["PATH"]}


def test_a_plain_command_travels_on_the_line_with_nothing_to_wait_for() -> None:
    delivery = deliver(a_request("systemctl restart nginx"))
    assert delivery.line.endswith(" sh -c 'systemctl restart nginx;exit $?'")
    assert delivery.stdin == b""


def test_a_command_with_values_never_stands_on_the_line() -> None:
    delivery = deliver(a_request("echo", {"x": "secret"}))
    assert "secret" not in delivery.line
    assert "secret" not in repr(delivery)


@pytest.mark.parametrize("cut", ["beginning", "end"])
def test_half_a_script_does_not_run(cut: str, tmp_path: Path) -> None:
    delivery = deliver_script(f"touch {tmp_path}/1\ntouch {tmp_path}/2")
    lines = delivery.stdin.splitlines(keepends=True)
    done = deliver_to("sh", delivery, b"".join(lines[1:] if cut == "beginning" else lines[:-1]))
    assert (done.returncode, list(tmp_path.iterdir())) == (125, [])
    assert b"nothing of it was run" in done.stderr


@pytest.mark.parametrize("name", ["a b", "$(id)", "a'b", ""])
def test_only_plain_words_stand_on_the_line(name: str) -> None:
    request = a_request("true")
    with pytest.raises(ValueError, match="OPSIMATE_STEP"):
        deliver(type(request)(**{**vars(request), "environment": {"OPSIMATE_STEP": name}}))


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
        delivery = deliver(a_request(f"env printf %s {arguments} | wc -c", values, shell=shell))
        done = subprocess.run(
            delivery.argv,
            input=delivery.stdin,
            env=dict(delivery.environment) | PATH,
            capture_output=True,
            check=False,
        )
        assert (done.stdout.split(), done.stderr) == ([str(MOST_BYTES * len(values)).encode()], b"")


def test_processes_are_found_where_grep_stops_at_nul(tmp_path: Path) -> None:
    """As busybox's does; the variable is not the first of the environment."""
    grep = tmp_path / "grep"
    grep.write_text(f'#!/bin/sh\ncase "$1" in -qaF) exit 1 ;; esac\nexec {shutil.which("grep")} "$@"\n')
    grep.chmod(0o755)
    environment = {"FIRST": "1", MARKER: "01TEST.000.01", "PATH": os.environ["PATH"]}
    with subprocess.Popen(["sleep", "1000"], env=environment, start_new_session=True) as process:
        while not Path(f"/proc/{process.pid}/environ").read_bytes():  # the kernel fills it in just after the start
            time.sleep(0.01)
        look, end = looking_script(["01TEST.000.01"]), ending_script(["01TEST.000.01"], grace=1)
        searched = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
        looked = subprocess.run(["sh", "-c", look], env=searched, capture_output=True, text=True, check=True)
        ended = subprocess.run(["sh", "-c", end], capture_output=True, text=True, check=True)
        assert process.wait(10) == -15
    assert findings(looked.stdout) == Findings(readable=True, left=(process.pid,))
    assert findings(ended.stdout) == Findings(readable=True)


@pytest.mark.parametrize("printed", [None, "", "Welcome!\n", "opsimate: unreadable\n", "say opsimate: left\n"])
def test_what_reports_nothing_has_seen_nothing(printed: str | None) -> None:
    assert findings(printed) == Findings(readable=False)


def test_a_report_is_found_behind_what_a_login_shell_prints() -> None:
    assert findings("Welcome!\nopsimate: left 12 345\n") == Findings(readable=True, left=(12, 345))


def test_only_ids_of_attempts_can_be_looked_for() -> None:
    with pytest.raises(ValueError, match="id of an attempt"):
        looking_script(["$(id)"])


@pytest.mark.parametrize("command", ["sleep 1 &", "true # a remark", "true;", "sleep 1 &  "])
def test_a_command_that_nothing_can_follow_travels_by_standard_input(command: str) -> None:
    assert command in deliver(a_request(command)).stdin.decode()


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("values", [{}, {"x": "1"}])
@pytest.mark.parametrize(
    ("command", "status"), [("true", 0), ("exit 7", 7), ("(exit 9)", 9), ("false &", 0), ("echo a\\", 0)]
)
def test_the_status_is_the_commands_own(shell: Any, values: dict[str, str], command: str, status: int) -> None:
    delivery = deliver(a_request(command, values, shell=shell))
    done = subprocess.run(delivery.argv, input=delivery.stdin, env=dict(delivery.environment) | PATH, check=False)
    assert done.returncode == status


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("values", [{}, {"x": "1"}])
def test_the_shell_does_not_turn_into_its_last_command(shell: Any, values: dict[str, str]) -> None:
    delivery = deliver(
        a_request("cat /proc/$PPID/comm; readlink /proc/self/exe; cat /proc/self/stat", values, shell=shell)
    )
    process = subprocess.Popen(
        delivery.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(delivery.environment) | PATH
    )
    printed, _ = process.communicate(delivery.stdin)
    parent_of_the_last = int(printed.decode().splitlines()[-1].rsplit(")", 1)[1].split()[1])
    assert parent_of_the_last == process.pid
