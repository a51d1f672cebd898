"""What the shell's own commands take for code: eval and trap, names of variables, bash's arithmetic."""

import re
from collections.abc import Callable
from itertools import pairwise

from shared.templating.judge import Judge, Words, bound_name
from shared.templating.options import Options, read_arguments, text_of
from shared.templating.places import Quoting
from shared.templating.programs import SUBSCRIPT
from shared.templating.syntax import Atom, Kind, Word
from shared.templating.taint import HOLE

_ARITHMETIC_TESTS = frozenset({"-eq", "-ne", "-lt", "-le", "-gt", "-ge"})
_VARIABLE_TESTS = frozenset({"-v", "-R"})


def double_bracket(judge: Judge, words: Words) -> None:
    """`[[ … ]]`, with its operators as words; a shell that does not know it would see ordinary commands."""
    literals = [word.literal for word in words]
    for position, word in enumerate(words):
        before = literals[position - 1]
        if _ARITHMETIC_TESTS & {before, *literals[position + 1 : position + 2]}:
            judge.refuse_names([word], "bash runs commands that it finds in a value while it computes: use [ … ]")
        if before in _VARIABLE_TESTS:
            judge.refuse_names([word], SUBSCRIPT)
        if "|" in text_of(word):
            judge.refuse(words[position + 1 :], "a shell without [[ begins a new command at |: write [ … ] || [ … ]")


def _single_bracket(judge: Judge, words: Words) -> None:
    judge.steady(words)
    for before, word in pairwise(words):
        if before.literal in _VARIABLE_TESTS:
            judge.refuse([word], SUBSCRIPT)
        if before.literal is None and judge.hole_in([before]) is not None:
            judge.refuse([word], "two values in a row: the first could be the operator -v, with which bash runs code")


def _eval(judge: Judge, words: Words) -> None:
    operands = read_arguments(words, Options()).operands
    if len(operands) != 1:
        judge.refuse(words, "eval would run the value as code: leave eval out")
    if operands:
        judge.script(_joined(operands))


def _joined(words: Words) -> Word:
    """Several words as the one that eval makes of them."""
    atoms = list(words[0].atoms)
    for word in words[1:]:
        atoms += [Atom(Kind.TEXT, " ", word.start, word.start, Quoting.BARE), *word.atoms]
    return Word(tuple(atoms), words[0].start, words[-1].end, quoted=True)


def _let(judge: Judge, words: Words) -> None:
    judge.refuse_names(
        words, "bash runs commands that it finds in a value while it computes: let expr do it, $(expr {{ x }} + 1)"
    )


def _trap(judge: Judge, words: Words) -> None:
    operands = read_arguments(words, Options()).operands
    judge.steady(operands)
    for word in operands[:1]:
        judge.script(word)


def _source(judge: Judge, words: Words) -> None:
    judge.steady(words)
    judge.refuse(read_arguments(words, Options()).operands[:1], "the value would choose the script to run")


def _declaration(judge: Judge, words: Words) -> None:
    judge.steady(words)
    if any(text_of(word)[:1] in {"-", "+"} for word in words):
        judge.refuse(words, "with options, bash runs commands that it finds in such a value: leave them out")
    for word in words:
        if not bound_name(word) or HOLE in word.shape.partition("=")[0]:
            judge.refuse([word], "the value would choose the variable: write NAME={{ x }}")
        judge.assignment(word)


def _printf(judge: Judge, words: Words) -> None:
    judge.steady(words)
    if words and (words[0].shape.startswith(HOLE) or text_of(words[0]).startswith("-v")):
        judge.refuse(words[:2], "bash could run commands from it: write printf '%s\\n' {{ x }}")


def _wait(judge: Judge, words: Words) -> None:
    for before, word in pairwise(words):
        if re.fullmatch(r"-\w*p", before.literal or ""):
            judge.refuse([word], SUBSCRIPT)


def _jobs(judge: Judge, words: Words) -> None:
    judge.refuse(words, "jobs -x would run the value as a command: leave jobs -x out")


BUILTINS: dict[str, Callable[[Judge, Words], None]] = {
    "eval": _eval,
    "trap": _trap,
    ".": _source,
    "source": _source,
    **dict.fromkeys(("export", "readonly", "local"), _declaration),
    **dict.fromkeys(("[", "test"), _single_bracket),
    "printf": _printf,
    "wait": _wait,
    "let": _let,
    "jobs": _jobs,
}
"""How to judge the arguments of a command of the shell."""
