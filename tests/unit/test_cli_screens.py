"""What a followed run looks like."""

import io
from typing import Any

from rich.console import Console

from opsimate.following.lines import END_OF_STDERR_STYLE, LONGEST_LINE, STDERR_STYLE, Lines
from opsimate.following.run_events import Screen
from opsimate.following.screens import (
    PlainScreen,
    TerminalScreen,
    screen_for,
    step_line,
)

RED = "\x1b[31m"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def an_item(text: str, stream: str = "stdout") -> dict[str, Any]:
    return {"text": text, "stream": stream, "step": "only"}


def a_step(state: str = "succeeded", **attempt: Any) -> dict[str, Any]:
    fields = {"number": 1, "provider": "web-1", "reason": None, **attempt}
    return {"name": "only", "state": state, "due_at": None, "attempt": {"exit_status": None, **fields}}


def a_wide_step(state: str = "running", **counts: int) -> dict[str, Any]:
    return {"name": "wide", "state": state, "due_at": None, "attempt": None, "invocations": counts, "reason_text": None}


def progress(done: int = 0) -> dict[str, Any]:
    return {"state": "running", "progress": {"done": done, "total": 2, "percent": 50 * done, "current_step": "only"}}


def lines(*pieces: str, is_error: bool = False, colours: bool = True) -> list[str]:
    made = Lines(colours=colours)
    return [*(made.feed(piece, is_error=is_error) for piece in pieces), made.finish()]


def test_lines_are_shown_whole() -> None:
    assert lines("a", "b\nc", "\nd\n", "e") == ["", "ab\n", "c\n" + "d\n", "", "e\n"]


def test_a_colour_goes_on_in_the_lines_below() -> None:
    assert lines(f"{RED}a\n", "b\n", "c\x1b[0m\n", "d\n") == [f"{RED}a\n", f"{RED}b\n", f"{RED}c\x1b[0m\n", "d\n", ""]


def test_what_goes_to_stderr_is_told_apart_unless_it_has_colours_itself() -> None:
    assert lines("a\n", is_error=True)[0] == f"{STDERR_STYLE}a{END_OF_STDERR_STYLE}\n"
    assert lines("\x1b[32ma\n", is_error=True)[0] == "\x1b[32ma\n"
    assert lines("a\n", is_error=True, colours=False)[0] == "a\n"


def test_a_line_without_end_does_not_wait_for_ever() -> None:
    assert lines("x" * (LONGEST_LINE + 1))[0] == "x" * (LONGEST_LINE + 1) + "\n"


def test_a_step_is_told_in_a_line() -> None:
    assert step_line(a_step()) == "only: succeeded on web-1"
    assert step_line(a_step("failed", number=2, reason="timeout")) == "only: failed on web-1, attempt 2 (timeout)"
    assert step_line(a_step("failed", reason="exit_status", exit_status=3)) == "only: failed on web-1 (exit status 3)"
    assert step_line({**a_step("queued"), "due_at": "2026-01-31T12:00:00.500Z"}) == (
        "only: will be tried again at 2026-01-31 12:00:00Z"
    )
    assert step_line({**a_step("skipped"), "attempt": None}) == "only: skipped"
    assert step_line(a_step("queued")) is None


def test_a_step_on_many_providers_is_told_in_a_line_once_it_has_ended() -> None:
    assert step_line(a_wide_step(queued=5)) is None
    assert step_line(a_wide_step("succeeded", succeeded=1_000)) == "wide: succeeded, 1,000 succeeded"
    failed = a_wide_step("failed", succeeded=3, failed=2, skipped=7) | {"reason_text": "it failed on 2 of 12 providers"}
    assert step_line(failed) == ("wide: failed, 3 succeeded, 2 failed, 7 skipped (it failed on 2 of 12 providers)")


def test_in_a_pipe_a_step_on_many_providers_says_ten_times_how_far_it_is() -> None:
    told = io.StringIO()
    screen = PlainScreen(io.StringIO(), told)
    for ended in range(1_001):
        screen.step(a_wide_step(succeeded=ended // 2, failed=ended - ended // 2, queued=1_000 - ended))
    lines = told.getvalue().splitlines()
    assert len(lines) == 11
    assert lines[1] == "--- wide: 50 of 1,000 done, 50 failed"


def test_on_a_terminal_the_bar_moves_with_the_providers_of_a_step() -> None:
    out = Terminal()
    console = Console(file=out, force_terminal=True, width=100, highlight=False)
    screen = TerminalScreen(console)
    screen.run(progress())
    screen.step(a_wide_step(succeeded=500, queued=500))
    screen.close()
    assert "wide: 500 of 1,000 done" in out.getvalue()
    assert "25%" in out.getvalue()


def test_the_bar_does_not_go_back_where_a_step_and_its_check_take_turns() -> None:
    out = Terminal()
    screen = TerminalScreen(Console(file=out, force_terminal=True, width=100, highlight=False))
    screen.run(progress())
    screen.step(a_wide_step(succeeded=3, pending=1))
    screen.step(a_wide_step(succeeded=1, pending=3) | {"name": "check"})
    screen.close()
    assert "50%" in out.getvalue()


def test_in_a_pipe_stdout_holds_the_output_as_it_is_and_stderr_the_progress() -> None:
    output, told = io.StringIO(), io.StringIO()
    screen = PlainScreen(output, told)
    screen.run(progress())
    screen.step(a_step("running"))
    screen.output(an_item("a\x1b[2J\nwithout end"))
    screen.step(a_step())
    screen.step(a_step())
    assert output.getvalue() == "a\x1b[2J\nwithout end"
    assert told.getvalue() == (
        "--- running, 0 of 2 steps done\n--- only: running on web-1\n--- only: succeeded on web-1\n"
    )


def test_of_a_run_that_failed_it_is_said_what_became_of_its_steps() -> None:
    told = io.StringIO()
    screen = PlainScreen(io.StringIO(), told)
    screen.step({**a_step("succeeded"), "name": "first"})
    screen.step(a_step("failed"))
    screen.step({**a_step("skipped"), "name": "last"})
    screen.run({"state": "failed", "progress": {"done": 3, "total": 3, "percent": 100, "current_step": None}})
    assert told.getvalue().endswith("--- failed, 1 of 3 steps done, 1 failed, 1 skipped\n")


def test_a_terminal_that_knows_no_bar_is_still_safe() -> None:
    terminal = Terminal()
    screen = screen_for(terminal, {"TERM": "dumb"})
    assert isinstance(screen, PlainScreen)
    screen.output(an_item("a\x1b[2Jb\n"))
    assert terminal.getvalue() == "ab\n"


DELAYED = {"state": "delayed", "not_before": "2026-11-29T01:38:25.906Z", "paused": False, "reason_text": None}


def told_of_a_pause(screen: Screen) -> None:
    delayed = {**progress(), **DELAYED}
    screen.run({**delayed, "event": "run.delayed", "by": None})
    screen.run({**delayed, "event": "run.paused", "by": "ann", "reason_text": "a moment", "paused": True})
    screen.run({**delayed, "event": "run.resumed", "by": "bob"})
    screen.close()


def test_until_when_a_run_is_delayed_and_who_pauses_it_is_said() -> None:
    told = io.StringIO()
    told_of_a_pause(PlainScreen(io.StringIO(), told))
    assert told.getvalue() == (
        "--- delayed until 2026-11-29 01:38:25Z, 0 of 2 steps done\n--- paused by ann: a moment\n--- resumed by bob\n"
    )
    terminal = Terminal()
    told_of_a_pause(TerminalScreen(a_console(terminal)))
    lines = terminal.getvalue()
    for line in ("delayed until 2026-11-29 01:38:25Z", "paused by ann: a moment", "resumed by bob", "only, paused"):
        assert line in lines


def a_console(terminal: Terminal) -> Console:
    return Console(file=terminal, force_terminal=True, width=80, highlight=False, markup=False, legacy_windows=False)


def shown(*pieces: tuple[str, str]) -> str:
    terminal = Terminal()
    screen = TerminalScreen(a_console(terminal))
    screen.run(progress(1))
    screen.step(a_step("running"))
    for text, stream in pieces:
        screen.output(an_item(text, stream))
    screen.step(a_step())
    screen.close()
    screen.close()
    return terminal.getvalue()


def test_on_a_terminal_there_is_a_bar_below_the_output() -> None:
    text = shown(("hello\n", "stdout"))
    assert "hello" in text
    assert "50%" in text
    assert "1/2 done" in text
    assert "only: succeeded on web-1" in text


def test_the_bar_of_a_run_that_failed_stands_where_the_api_says() -> None:
    terminal = Terminal()
    screen = TerminalScreen(a_console(terminal))
    for name, state in (("first", "succeeded"), ("only", "failed"), ("last", "skipped")):
        screen.step({**a_step(state), "name": name})
    screen.run({"state": "failed", "progress": {"done": 3, "total": 3, "percent": 100, "current_step": None}})
    screen.close()
    last = terminal.getvalue()
    assert "100%" in last
    assert "33%" not in last
    assert "1/3 done, 1 failed, 1 skipped" in last


def test_on_a_terminal_output_has_its_colours_and_steers_nothing_else() -> None:
    text = shown((f"{RED}red\x1b[0m \x1b]0;title\x07\x1b[2Jplain [bold]text[/bold]\n", "stdout"))
    assert f"{RED}red\x1b[0m plain [bold]text[/bold]" in text
    assert "title" not in text


def test_a_long_line_is_not_cut() -> None:
    assert "x" * 500 in shown(("x" * 500 + "\n", "stdout"))


def test_the_order_of_both_streams_is_kept() -> None:
    text = shown(("one\n", "stdout"), ("two\n", "stderr"), ("three\n", "stdout"))
    assert text.index("one") < text.index("two") < text.index("three")
