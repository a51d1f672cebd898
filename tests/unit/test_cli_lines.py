"""Lines of several machines at once, each whole and behind its machine's name."""

import io
from typing import Any

from rich.console import Console

from opsimate.following.lines import END_OF_STYLES, LONGEST_LINE, STDERR_STYLE, MachineLines
from opsimate.following.screens import PlainScreen, TerminalScreen
from tests.unit.test_cli_screens import Terminal, a_wide_step

GREEN = "\x1b[32m"


def piece(text: str, provider: str = "web-1", stream: str = "stdout", **fields: Any) -> dict[str, Any]:
    return {"step": "wide", "provider": provider, "attempt": 1, "stream": stream, "text": text, **fields}


def fed(*pieces: dict[str, Any], is_terminal: bool = False, colours: bool = False) -> str:
    lines = MachineLines(is_terminal=is_terminal, colours=colours)
    return "".join(lines.feed(one) for one in pieces) + lines.finish()


def test_lines_of_machines_that_come_in_pieces_stay_whole() -> None:
    told = fed(piece("on"), piece("two\nthr", "web-2"), piece("e\n\n"), piece("ee", "web-2"), piece("four", "web-3"))
    assert told == "web-2 | two\nweb-1 | one\nweb-1 |\nweb-2 | three\nweb-3 | four\n"


def test_the_streams_and_attempts_of_a_machine_are_lines_of_their_own() -> None:
    told = fed(piece("out"), piece("error\n", stream="stderr"), piece("again\n", attempt=2))
    assert told == "web-1 | error\nweb-1 | again\nweb-1 | out\n"


def test_a_line_without_end_does_not_wait_for_ever() -> None:
    lines = MachineLines(is_terminal=False)
    assert lines.feed(piece("x" * (LONGEST_LINE + 1))) == f"web-1 | {'x' * (LONGEST_LINE + 1)}\n"


def test_in_a_pipe_lines_are_as_they_were_printed() -> None:
    assert fed(piece("a\x1b[2Jb\rc\r\n")) == "web-1 | a\x1b[2Jb\rc\r\n"


def test_on_a_terminal_nothing_writes_over_the_name() -> None:
    assert fed(piece("10 %\r100 %\r\ndone\x1b[2J\x1b]0;t\x07\r\n"), is_terminal=True) == "web-1 | 100 %\nweb-1 | done\n"


def test_on_a_terminal_colours_of_one_machine_do_not_reach_another() -> None:
    told = fed(
        piece(f"{GREEN}a\nb\n"), piece("c\n", "web-2"), piece("d\n", stream="stderr"), is_terminal=True, colours=True
    )
    first, second, third, fourth = told.splitlines()
    assert first.endswith(f"| {GREEN}a{END_OF_STYLES}")
    assert second.endswith(f"| {GREEN}b{END_OF_STYLES}")
    assert third.endswith(f"web-2{END_OF_STYLES} | c{END_OF_STYLES}")
    assert fourth.endswith(f"| {STDERR_STYLE}d{END_OF_STYLES}")
    assert first.partition(" | ")[0] == second.partition(" | ")[0] != third.partition(" | ")[0]


def test_a_machine_that_is_called_oddly_steers_nothing() -> None:
    assert fed(piece("a\n", "we\x1b[2Jb\n1"), is_terminal=True) == "web 1 | a\n"


def test_a_screen_names_the_machines_of_a_step_on_several_providers_alone() -> None:
    output, told, terminal = io.StringIO(), io.StringIO(), Terminal()
    console = Console(file=terminal, force_terminal=True, width=80, highlight=False, legacy_windows=False)
    for screen in (PlainScreen(output, told), TerminalScreen(console, colours=False)):
        screen.step({**a_wide_step("queued", pending=2), "name": "wide"})
        for one in (piece("alone\n", step="only"), piece("a\nwithout"), piece("b\n", "web-2")):
            screen.output(one)
        screen.step(a_wide_step("succeeded", succeeded=2))
        screen.close()
    assert output.getvalue() == "alone\nweb-1 | a\nweb-2 | b\nweb-1 | without\n"
    for line in ("alone", "web-1 | a", "web-2 | b", "web-1 | without"):
        assert f"{line}\n" in terminal.getvalue().replace("\r", "").replace(END_OF_STYLES, "")
