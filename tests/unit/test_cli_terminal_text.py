"""What a provider prints may colour a terminal and do nothing else to it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from opsimate.cli import printing
from opsimate.terminal_text import LONGEST_SEQUENCE, TerminalText, one_line, readable

RED, RESET = "\x1b[31m", "\x1b[0m"
PIECES = [
    "\x1b",
    "\x1b[",
    "31",
    ";",
    "m",
    "\x1b]0;",
    "\x07",
    "\x1b\\",
    "\x9b",
    "\x9d",
    "\x9c",
    "\x1bP",
    "\n",
    "\r",
    "text",
    "?25l",
]
STEERS = re.compile(r"\x1b(?!\[[0-9;:]*m)|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]")


def shown(*pieces: str) -> str:
    text = TerminalText()
    return "".join(text.feed(piece) for piece in pieces)


def test_text_and_colours_pass() -> None:
    line = f"a\t{RED}b{RESET}\x1b[1;38;5;208mc\x1b[38:2::1:2:3md\r\n"
    assert shown(line) == line


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[2J",
        "\x1b[10;10H",
        "\x1b[?1049h",
        "\x1b[>4;2m",
        "\x1b[31 m",
        "\x1b[6n",
        "\x1b]0;title\x07",
        "\x1b]52;c;ZXZpbA==\x1b\\",
        "\x1b]8;;http://example.org\x1b\\",
        "\x1bP+q544e\x1b\\",
        "\x1b_Ga=T\x1b\\",
        "\x1bc",
        "\x1b(0",
        "\x1b#8",
        "\x9b2J",
        "\x9d0;title\x9c",
        "\x90q\x9c",
        "\x84",
        "\x00",
        "\x07",
        "\x08",
        "\x7f",
        "\x0e",
    ],
)
def test_everything_else_that_steers_a_terminal_is_left_out(sequence: str) -> None:
    assert shown(f"before{sequence}after") == "beforeafter"
    assert shown(*f"before{sequence}after") == "beforeafter", "cut between any two characters"


def test_a_colour_written_with_a_c1_character_becomes_an_ordinary_one() -> None:
    assert shown("\x9b31mred") == f"{RED}red"


def test_a_string_that_is_never_ended_hides_no_further_line() -> None:
    assert shown("\x1b]0;title without end\nnext line\n") == "\nnext line\n"


def test_a_sequence_broken_off_by_another_does_not_hide_it() -> None:
    assert shown(f"\x1b]0;title{RED}red") == f"{RED}red"
    assert shown(f"\x1b[12{RED}red") == f"{RED}red"


def test_an_endless_string_takes_no_endless_memory() -> None:
    text = TerminalText()
    for _ in range(100):
        assert text.feed("\x1b]0;" + "x" * LONGEST_SEQUENCE) == ""
    assert len(text._held) <= LONGEST_SEQUENCE
    assert text.feed("still the title\x07shown") == "shown"


def test_the_colours_in_force_are_known_until_they_are_reset() -> None:
    text = TerminalText()
    text.feed(f"a{RED}b\x1b[1mc")
    assert text.style == f"{RED}\x1b[1m"
    text.feed("\x1b[0;32md")
    assert text.style == "\x1b[0;32m"
    text.feed("\x1b[me")
    assert text.style == ""


def test_without_colours_none_passes() -> None:
    assert TerminalText(colours=False).feed(f"{RED}red{RESET}") == "red"


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=30), st.randoms())
def test_whatever_comes_in_whatever_pieces_steers_nothing(pieces: list[str], chance: object) -> None:
    whole = "".join(pieces)
    assert not STEERS.search(shown(whole))
    assert shown(*pieces) == shown(whole) == shown(*whole), "where it is cut makes no difference"


def test_names_from_elsewhere_cannot_break_out_of_a_table() -> None:
    assert one_line(f"name\n{RED}with\x1b]0;x\x07 all\tsorts") == "name with all sorts"
    assert readable("two\r\nlines\x1b[2J") == "two\nlines"


def test_a_value_of_several_lines_stays_in_its_column_and_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "console", lambda: Console(width=30))
    path = "/" + "a" * 50
    printing.show_fields([("run", "x"), ("parameters", f"who = world\npath={path}\ntimes = 3"), ("note", "b")])
    lines = capsys.readouterr().out.splitlines()
    assert [line[:12].strip() for line in lines] == ["run", "parameters", "", "", "", "", "", "note"]
    values = [line[12:].strip() for line in lines]
    assert values[1] == "who = world"
    assert "".join(values[2:6]) == f"path={path}"
    assert values[6] == "times = 3"
