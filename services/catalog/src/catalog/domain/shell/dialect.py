"""What means something else than its author meant: bash's words in text for `sh`, and values that arrive altered."""

import re
from collections.abc import Iterator, Sequence

from catalog.domain.shell.judge import ASSIGNMENT
from catalog.domain.shell.programs import BASH_COMMANDS, BASH_WORDS
from catalog.domain.shell.tree import HOLE, Command, Pipeline, Refusal, Word, commands_in, pieces_of, within

_RANGE = re.compile(r"\{(?:-?\d+\.\.-?\d+|[A-Za-z]\.\.[A-Za-z])(?:\.\.-?\d+)?\}")
_APPENDED = re.compile(r"[A-Za-z_]\w*(\[[^\]]*\])?(\+?)=")
_JOINS_TESTS = frozenset({"-a", "-o", "(", ")", "!"})


def refuse_bash_words(program: list[Pipeline], noted: Sequence[tuple[int, str]]) -> None:
    """Raise `Refusal` for the first thing in commands for `sh` that it cannot do as it is meant.

    `noted` is what the reader has met. What POSIX leaves to the shell, and dash does, is fine.
    """
    if found := min([*noted, *_words(program)], default=None):
        at, word = found
        way_out = BASH_WORDS.get(word, "it takes letters, digits and _ only in a function's name")
        raise Refusal(at, f"'{word}' is bash's, and sh does not know it: {way_out}; or set shell: bash")


def _words(program: list[Pipeline]) -> Iterator[tuple[int, str]]:
    functions = {command.name for command in commands_in(program) if command.kind == "function"}
    for command in commands_in(program):
        yield from _in_command(command, functions)
        for piece in within(list(pieces_of(command))):
            if piece.expansion and piece.expansion.program:
                if piece.expansion.name == "$" and _only_reads(piece.expansion.program):
                    yield piece.at, "$(<"
                for inner in commands_in(piece.expansion.program):
                    yield from _in_command(inner, functions)


def _in_command(command: Command, functions: set[str]) -> Iterator[tuple[int, str]]:
    if command.kind == "loop":
        yield from _braces(command.words)
    if command.kind != "simple":
        return
    words = list(command.words)
    while words and (match := _APPENDED.match(words[0].bare)):
        word = words.pop(0)
        if match[1] or match[2]:
            yield word.at, "[" if match[1] else "+="
    name = words[0].literal if words else None
    if name in BASH_COMMANDS and name not in functions:
        yield words[0].at, str(name)
    if name in {"[", "test"}:
        yield from _in_test(words[1:])
    yield from _braces(words)


def _only_reads(program: list[Pipeline]) -> bool:
    command = program[0][0]
    alone = len(program) == 1 and len(program[0]) == 1 and not command.words and not command.programs
    return alone and [redirection.operator for redirection in command.redirections] == ["<"]


def _braces(words: Sequence[Word]) -> Iterator[tuple[int, str]]:
    return ((word.at, "{…}") for word in words if _RANGE.search(word.bare.replace("\0", "1")) or _lists(word.bare))


def _lists(bare: str) -> bool:
    """Whether a comma stands between a pair of bare braces."""
    commas: list[bool] = []
    for character in bare:
        if character == "{":
            commas.append(False)
        elif character == "," and commas:
            commas[-1] = True
        elif character == "}" and commas and commas.pop():
            return True
    return False


def _in_test(words: Sequence[Word]) -> Iterator[tuple[int, str]]:
    """Operators that `[` has in bash only; what stands where an operand is, is text."""
    test: list[Word] = []
    for word in [*words, None]:
        if (
            word is not None
            and not (word.literal in _JOINS_TESTS and (word.literal != "!" or not test))
            and (word.literal != "]" or word is not words[-1])
        ):
            test.append(word)
            continue
        if len(test) == 3 and test[1].literal == "==":  # noqa: PLR2004 - an operator between two operands
            yield test[1].at, "=="
        elif len(test) > 1 and test[0].literal == "-v":
            yield test[0].at, "-v"
        test = []


# --- values that arrive altered: programs that read backslashes, or options, in what is meant as data

_AWK = frozenset({"awk", "gawk", "mawk", "nawk"})
_GIVEN_TO_AWK = re.compile(rf"(?:-v|--assign=)?[A-Za-z_]\w*=.*{HOLE}", re.DOTALL)
_ECHO = "echo of sh reads backslashes in the value, and takes -n for an option: write printf '%s\\n' {{ x }}"
_ASSIGNED = 'awk reads backslashes in a value that it is given so: write ENVIRON["OPSIMATE_PARAM_x"] in its code'


def altered_values(program: list[Pipeline], shell: str) -> Iterator[tuple[int, str]]:
    """The holes in a program where a text with a backslash in it may arrive as another, with what to write instead."""
    for command in commands_in(program):
        words = [word for word in command.words if not ASSIGNMENT.match(word.bare)]
        name = words[0].literal if words else None
        if name == "echo" and shell == "sh":
            yield from ((hole, _ECHO) for hole in _holes(words))
        elif name in _AWK:
            assigned = [word for word in command.words if _GIVEN_TO_AWK.match(word.shape)]
            yield from ((hole, _ASSIGNED) for hole in _holes(assigned))
        for piece in pieces_of(command):
            for inner in [piece, *(piece.expansion.pieces if piece.expansion else ())]:
                if inner.expansion:
                    yield from altered_values(inner.expansion.program, shell)


def _holes(words: list[Word]) -> list[int]:
    return [piece.at for word in words for piece in word.pieces if piece.is_hole]
