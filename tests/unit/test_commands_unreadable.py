"""A text that no shell can read is refused when it is saved, and whatever a shell might take is not."""

import re
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.domain.shell.analysis import compile_command
from catalog.domain.shell.grammar import read_shell
from catalog.domain.shell.tree import Refusal, Unreadable
from catalog.domain.templates import NAMES, template
from shared.placeholders import TemplateError
from tests.command_samples import COMMANDS
from tests.unit.test_commands_in_shells import BASES, TOKENS

SHELLS = {
    name: [*command.split(), "-n", "-c"]
    for name, command in {
        "dash": "dash",
        "bash": "bash",
        "bash as sh": "bash --posix",
        "ash": "busybox sh",
        "zsh as sh": "zsh --emulate sh",  # as it reads what is given to the name `sh`
    }.items()
    if shutil.which(command.split()[0])
}
COMES_BACK = "it closes only behind ; or at the beginning of a line"

UNREADABLE = [
    ("echo 'a", 1, 6, r"' is missing, so that this is never closed; write \' for one that is meant"),
    ("echo it's done", 1, 8, r"write \' for one that is meant"),
    ('a\necho "b c', 2, 6, r"write \" for one that is meant"),
    ("v=`date", 1, 3, r"write \` for one that is meant"),
    ("echo $(date", 1, 6, ") is missing"),
    ("echo ${HOME", 1, 6, "} is missing"),
    ("echo $((1", 1, 8, ")) is missing"),
    ("if true; then echo a", 1, 1, f"fi is missing, so that this is never closed; {COMES_BACK}"),
    ("if true; then echo a fi", 1, 1, COMES_BACK),
    ("a\nif true\n  echo a\nfi", 4, 1, "'fi' begins nothing here: what it belongs to is missing"),
    ("while true; do echo a", 1, 1, "done is missing"),
    ("for i in 1 2; echo $i; done", 1, 15, "'do' is missing here"),
    ("case $x in a) echo", 1, 1, "esac is missing"),
    ("case $x in", 1, 1, "esac is missing"),
    ("f() { echo a }", 1, 5, f"}} is missing, so that this is never closed; {COMES_BACK}"),
    ("(cd /; ls", 1, 1, ") is missing"),
    ("cd /; ls)", 1, 9, r"a command is missing here before ); write \) for one that is meant"),
    ("ls |", 1, 4, "a command is missing here"),
    ("ls | | wc", 1, 6, r"a command is missing here before |; write \| for one that is meant"),
    ("done", 1, 1, "'done' begins nothing here"),
    ("ls >", 1, 4, "this leads nowhere: name a file behind it"),
    ("cd / || exit 1\nif a; then b", 2, 1, "fi is missing"),
]


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize(("text", "line", "column", "said"), UNREADABLE)
def test_what_no_shell_can_read_is_refused_with_its_place_and_a_fix(
    text: str, line: int, column: int, said: str, shell: str
) -> None:
    with pytest.raises(TemplateError) as refused:
        compile_command(text, {}, shell)
    assert (refused.value.line, refused.value.column) == (line, column)
    assert refused.value.message.startswith("no shell can read this: ")
    assert said in refused.value.message
    assert takers(text) == []


OF_BASH = [
    ("[[ -n $a", "]] is missing"),
    ("a=(b c", ") is missing"),
    ("((1", ")) is missing"),
    ("select i in a; do b", "done is missing"),
]


@pytest.mark.parametrize(("text", "said"), OF_BASH)
def test_what_bash_cannot_read_of_its_own_is_refused(text: str, said: str) -> None:
    with pytest.raises(TemplateError, match=f"no shell can read this: {re.escape(said)}"):
        compile_command(text, {}, "bash")
    assert "bash" not in takers(text)


TAKEN = [
    "",
    "cat <<E",
    "cat <<E\nnever ends",
    "echo \\",
    "a }",
    "echo fi done",
    "! ",
    "a &&",  # zsh takes these for empty commands
    "a ; ; b",
    "if a; then fi",
    "a &| b",
    "f() echo a",
    "for x; do echo; done",
    "for in a; do b; done",
    "! fi",
    "v= done",
    "time fi",
    "exit 0\nwhat follows is 'never read",
    "exec sleep 1\nif",
    "alias begin=if\nbegin true; then echo; fi\n fi",
    "shopt -s extglob\nls !(a'b)",
    "echo $'it\\'",
    "cat <<E\n${a\nE",
    "echo `echo ${a`",
    'printf %s "$(echo $((1 ${u:-<declare < 2)))"x',
]


@pytest.mark.parametrize("text", TAKEN)
def test_what_some_shell_takes_or_may_never_reach_is_taken(text: str) -> None:
    for shell in ("sh", "bash"):
        try:
            compile_command(text, {}, shell)
        except TemplateError as refused:
            assert "bash's" in refused.message  # which is told with the other way out  # noqa: PT017


def takers(text: str) -> list[str]:
    """The shells that take a text, of those that are here."""
    return [name for name, command in SHELLS.items() if takes(command, text)]


def takes(command: list[str], text: str) -> bool:
    done = subprocess.run(
        [*command, text], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False
    )
    # Of a wrong [[ … ]] bash complains, and ends with 0.
    return done.returncode == 0 and not re.search("unexpected|conditional|syntax error", done.stderr)


def is_refused(text: str, *, bash: bool) -> bool:
    try:
        read_shell(text, range(len(text)), {}, bash=bash)
    except Unreadable:
        return True
    except Refusal:
        return False
    return False


def without_values(text: str) -> str:
    return re.sub(r"\\?\{\{.*?\}\}", "x", text)


SOUND = [
    without_values(command)
    for command in [
        *(case["command"] for case in COMMANDS if case["expect"] == "accept"),
        *(step.command for name in NAMES for step in template(name).action.steps),
        *BASES,
    ]
]


def test_no_command_that_people_write_is_refused() -> None:
    assert len(SOUND) > 150
    assert [text for text in SOUND for bash in (False, True) if is_refused(text, bash=bash)] == []


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A text of people in which something is missing, or stands where it should not."""
    text = draw(st.sampled_from(SOUND))
    start = draw(st.integers(0, len(text)))
    text = text[start : start + 300]
    for _ in range(draw(st.integers(0, 3))):
        at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 3))
        text = text[:at] + draw(st.sampled_from(SCRAPS)) + text[at + length :]
    return text


SCRAPS = [
    "",
    *map(without_values, TOKENS),
    "exit 0\n",
    "alias a=b\n",
    "}",
    " fi\n",
    "then ",
    "esac",
    "#c'\n",
    "$#",
    "${#x}",
]


@settings(max_examples=120, deadline=None)
@given(text=damaged())
def test_no_shell_takes_what_is_refused(text: str) -> None:
    if is_refused(text, bash=False):
        assert takers(text) == [], text
    if is_refused(text, bash=True):
        assert "bash" not in takers(text), text
