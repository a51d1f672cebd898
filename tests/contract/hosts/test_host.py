"""What every host promises about a command that it runs."""

import asyncio
import tracemalloc
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest

from executor.adapters import output_stream
from executor.ports import CancelSignal, Host
from shared.commands import variable_name
from tests.builders_commands import a_request, begin, carry_out
from tests.contract.hosts.marked import marked_processes

HOSTILE = 'it\'s $(touch /tmp/pwned) `id` "quoted" \\ ! * ~ é €\n\nline\n#opsimate-end'


async def test_what_the_shell_cannot_read_is_told_as_the_commands_failure(host: Host) -> None:
    for command in ("if true; then echo x", "ls )", "echo 'unclosed"):
        ended, output = await carry_out(host, a_request(command))
        assert (ended.state, ended.exit_status, ended.reason) == ("failed", 2, "exit_status")
        assert b"yntax error" in output.stderr or b"nterminated" in output.stderr


async def test_output_and_exit_status_are_those_of_the_command(host: Host) -> None:
    ended, printed = await carry_out(host, a_request("echo out; echo err >&2; exit 3"))
    assert (bytes(printed.stdout), bytes(printed.stderr)) == (b"out\n", b"err\n")
    assert (ended.state, ended.exit_status, ended.reason) == ("failed", 3, "exit_status")
    assert "exit status 3. Its output says why" in (ended.reason_text or "")


@pytest.mark.parametrize("status", [3, 126, 127, 137])
async def test_a_failure_without_output_does_not_point_to_its_output(host: Host, status: int) -> None:
    """Case A-noout."""
    ended, _ = await carry_out(host, a_request(f"exit {status}"))
    assert ended.exit_status == status
    assert "output" not in (ended.reason_text or "")
    assert "printed nothing" in (ended.reason_text or "")


async def test_a_command_that_exits_with_0_has_succeeded(host: Host) -> None:
    ended, printed = await carry_out(host, a_request("printf done"))
    assert (ended.state, ended.exit_status, ended.reason, ended.ending) == ("succeeded", 0, None, None)
    assert printed.stdout == b"done"


@pytest.mark.parametrize("values", [{}, {"x": "1"}])
async def test_a_command_finds_its_input_empty(host: Host, values: dict[str, str]) -> None:
    ended, printed = await carry_out(host, a_request("cat; printf end", values))
    assert (ended.state, bytes(printed.stdout)) == ("succeeded", b"end")


async def test_values_arrive_as_they_are_whatever_they_hold(host: Host) -> None:
    command = f'printf %s "${variable_name("x")}"; printf "|"; sh -c \'printf %s "${variable_name("y.z")}"\''
    _, printed = await carry_out(host, a_request(command, {"x": HOSTILE, "y.z": "'"}))
    assert printed.stdout.decode() == HOSTILE + "|'"


async def test_no_value_shows_in_a_process_list(host: Host) -> None:
    secret = uuid4().hex
    command = f'cat /proc/[0-9]*/cmdline 2>/dev/null; test -n "${variable_name("x")}" && printf seen'
    _, printed = await carry_out(host, a_request(command, {"x": secret}))
    assert printed.stdout.endswith(b"seen")
    assert secret.encode() not in printed.stdout


async def test_commands_know_what_they_run_for_and_carry_their_marker(host: Host) -> None:
    request = a_request("tr '\\0' '\\n' </proc/$$/environ | grep OPSIMATE_ | sort")
    _, printed = await carry_out(host, request)
    assert printed.stdout.decode().splitlines() == [
        "OPSIMATE_ACTION=restart",
        f"OPSIMATE_ATTEMPT={request.attempt_id}",
        "OPSIMATE_PROVIDER=web-1",
        f"OPSIMATE_RUN_ID={request.attempt_id.split('.')[0]}",
        "OPSIMATE_STEP=only",
    ]


async def test_a_long_command_arrives_whole(host: Host) -> None:
    _, printed = await carry_out(host, a_request("printf %s '" + "x" * 300_000 + "' | wc -c"))
    assert printed.stdout.strip() == b"300000"


async def test_a_step_may_ask_for_bash(host: Host) -> None:
    _, printed = await carry_out(host, a_request("words=(a b); echo ${words[1]}", shell="bash"))  # noqa: S604 - a step's, not Python's
    assert printed.stdout == b"b\n"


@pytest.mark.parametrize(("command", "status", "words"), [("nosuchprogram", 127, "not found"), ("/etc", 126, "execut")])
async def test_a_command_that_cannot_be_executed_is_told_in_words(
    host: Host, command: str, status: int, words: str
) -> None:
    ended, printed = await carry_out(host, a_request(command))
    assert (ended.state, ended.exit_status, ended.reason) == ("failed", status, "exit_status")
    assert words in (ended.reason_text or "")
    assert command.encode() in printed.stderr


async def test_a_command_that_a_signal_ended_says_which(host: Host) -> None:
    ended, _ = await carry_out(host, a_request("kill -9 $$"))
    assert (ended.state, ended.exit_status, ended.signal, ended.reason) == ("failed", None, "KILL", "signal")
    assert "memory" in (ended.reason_text or "")


@pytest.mark.parametrize(
    "command",
    [
        "echo begun; sleep 1000",
        "trap '' TERM; echo begun; while :; do sleep 1; done",
        "setsid sh -c 'trap \"\" TERM; while :; do sleep 1; done' >/dev/null 2>&1 & echo begun; sleep 1000",
        "env -i sleep 1000 & echo begun; sleep 1000",
    ],
    ids=["plain", "deaf to TERM", "in a session of its own", "without its marker"],
)
async def test_a_command_that_takes_too_long_is_ended_with_all_its_children(host: Host, command: str) -> None:
    request = a_request(command, timeout=1, grace=1)
    ended, printed = await carry_out(host, request)
    assert printed.stdout == b"begun\n"
    assert (ended.state, ended.reason, ended.ending) == ("failed", "timeout", "confirmed"), ended
    assert "time-out of 1s" in (ended.reason_text or "")
    assert "ended with TERM, or with KILL where that was not enough within 1s." in (ended.reason_text or "")
    # Case A02-daemon: only what was looked at is told.
    assert (ended.reason_text or "").endswith("No process of the command is left on the provider.")
    assert marked_processes(request.attempt_id) == []


async def test_a_cancelled_command_is_ended_with_all_its_children(host: Host) -> None:
    request = a_request("setsid sleep 1000 & echo begun; sleep 1000")
    running = begin(host, request)
    await running.printed.until(b"begun")
    assert marked_processes(request.attempt_id) != []
    running.cancelled.set()
    ended = await running.ended()
    assert (ended.state, ended.reason, ended.ending) == ("cancelled", "cancelled", "confirmed"), ended
    assert marked_processes(request.attempt_id) == []


async def test_a_command_may_clean_up_when_it_is_ended_and_is_asked_once(host: Host) -> None:
    command = "trap 'echo asked; sleep 0.5; echo clean; exit 0' TERM; echo begun; while :; do sleep 0.1; done"
    ended, printed = await carry_out(host, a_request(command, timeout=1, grace=20))
    assert printed.stdout == b"begun\nasked\nclean\n"
    assert (ended.state, ended.exit_status, ended.reason, ended.ending) == ("failed", 0, "timeout", "confirmed"), ended


async def test_what_was_cancelled_before_it_began_does_not_run(host: Host) -> None:
    request = a_request("echo ran")
    running = begin(host, request)
    running.cancelled.set()
    ended = await running.ended()
    assert (ended.state, ended.reason) == ("cancelled", "cancelled")
    assert "nothing was run" in (ended.reason_text or "")
    assert (running.started, bytes(running.printed.stdout)) == ([], b"")


async def test_it_is_told_when_a_command_begins(host: Host) -> None:
    request = a_request("echo begun; sleep 1000")
    running = begin(host, request)
    await running.printed.until(b"begun")
    assert running.started == [request.attempt_id]
    running.cancelled.set()
    await running.ended()


async def test_a_child_in_the_background_does_not_hold_up_the_end(host: Host) -> None:
    request = a_request("sleep 1000 & echo begun")
    ended, printed = await carry_out(host, request)
    assert (ended.state, bytes(printed.stdout)) == ("succeeded", b"begun\n")
    assert ended.left_in_background
    assert marked_processes(request.attempt_id) == ["sleep 1000"]  # it lives on, as whoever wrote the command meant
    assert (await host.end_leftovers([request.attempt_id], {})).show_nothing_left
    assert marked_processes(request.attempt_id) == []


async def test_a_child_in_the_background_with_a_place_of_its_own_for_its_output_is_none_of_our_business(
    host: Host,
) -> None:
    """Case A08."""
    request = a_request("sleep 1000 >/dev/null 2>&1 & echo begun")
    ended, _ = await carry_out(host, request)
    assert (ended.state, ended.left_in_background) == ("succeeded", False)
    assert (await host.end_leftovers([request.attempt_id], {})).show_nothing_left


async def test_a_child_that_prints_for_ever_does_not_hold_up_the_end(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output_stream, "LONGEST_DRAIN", 1.5)
    request = a_request("while echo again; do sleep 0.1; done & echo begun")
    ended, printed = await carry_out(host, request)
    assert ended.state == "succeeded"
    assert b"again" in printed.stdout
    assert (await host.end_leftovers([request.attempt_id], {})).show_nothing_left


async def test_much_output_takes_little_memory_and_does_not_hold_up_others(host: Host) -> None:
    counted = 0
    go_on = asyncio.Event()

    class Slow:
        async def write(self, stream: Literal["stdout", "stderr"], data: bytes) -> None:  # noqa: ARG002 - a sink's
            nonlocal counted
            counted += len(data)
            await go_on.wait()

    size = 100_000_000
    tracemalloc.start()
    try:
        run = host.run(
            a_request(f"head -c {size} /dev/zero"),
            Slow(),
            on_started=lambda: None,
            cancelled=CancelSignal(),
            may_begin=lambda: True,
        )
        large = asyncio.create_task(run)
        assert (await carry_out(host, a_request("echo quick")))[0].state == "succeeded"
        go_on.set()
        assert (await large).state == "succeeded"
        assert tracemalloc.get_traced_memory()[1] < 16_000_000
    finally:
        tracemalloc.stop()
    assert counted == size


@pytest.fixture
def everybodys_ledger(tmp_path: Path) -> Path:
    """A file that is not there yet, and that any user may make."""
    tmp_path.chmod(0o777)
    return tmp_path / "ledger"


async def test_what_may_not_begin_any_more_is_not_begun(host: Host, everybodys_ledger: Path) -> None:
    ledger = everybodys_ledger
    running = begin(host, a_request(f"echo x >> {ledger}"), may_begin=lambda: False)
    ended = await running.ended()
    assert (ended.state, running.started, ledger.exists()) == ("cancelled", [], False)
    assert (await carry_out(host, a_request("echo after")))[0].state == "succeeded"


async def test_leftovers_of_a_lost_attempt_are_ended(host: Host) -> None:
    first, second = a_request("echo begun; sleep 1000"), a_request("echo begun; setsid sleep 1000")
    running = [begin(host, first), begin(host, second)]
    for command in running:
        await command.printed.until(b"begun")
    assert (await host.end_leftovers([first.attempt_id, second.attempt_id], {})).show_nothing_left
    assert marked_processes(first.attempt_id) == marked_processes(second.attempt_id) == []
    assert [(await command.ended()).state for command in running] == ["failed", "failed"]


async def test_an_attempt_that_left_nothing_is_confirmed_to_be_gone(host: Host) -> None:
    request = a_request("true")
    await carry_out(host, request)
    assert (await host.end_leftovers([request.attempt_id], {})).show_nothing_left


async def test_a_test_says_that_commands_run_and_how_fast(host: Host) -> None:
    report = await host.test()
    assert report.ok
    assert report.reason is None
    assert report.latency_ms is not None
    assert report.latency_ms > 0


async def test_many_commands_at_once_each_run_once(host: Host) -> None:
    requests = [a_request(f"echo {number}") for number in range(30)]
    outcomes = await asyncio.gather(*(carry_out(host, request) for request in requests))
    assert [bytes(printed.stdout) for _, printed in outcomes] == [f"{number}\n".encode() for number in range(30)]
    assert {ended.state for ended, _ in outcomes} == {"succeeded"}
