"""What bash understands and a POSIX `sh` does not: it would mean something else there, or nothing at all."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from shared.templating.grammar import read_as_far_as_sure
from shared.templating.options import text_of
from shared.templating.syntax import Command, Reading, Word


class BashWord(NamedTuple):
    """Something that only bash has: where it stands in the text, in characters from 0, what, and what to do."""

    offset: int
    word: str
    message: str


_WAYS_OUT = {
    "&>": "sh runs what stands before it in the background: write > … 2>&1, as in > FILE 2>&1",
    "&>>": "sh runs what stands before it in the background: write >> FILE 2>&1",
    ">&": "sh takes a number there only: write > FILE 2>&1",
    "|&": "write 2>&1 | instead",
    "[[": "write [ … ], and case … esac for patterns",
    "((": "write x=$((…)) or [ … -gt … ] (or '( (' with a space for two subshells)",
    "=(": 'sh has no arrays: write the words out, or set -- … and use "$@"',
    "+=": 'write x="$x…"',
    "[": "sh has no arrays: use a variable for each",
    "function": "write NAME() { … }",
    "select": "write the choice as a parameter",
    "<(": "write the output to a file first, or use a pipe",
    ">(": "use a pipe",
    "<<<": "write printf '%s\\n' … | COMMAND, or a here-document",
    "$'": "sh passes the dollar sign on: write \"$(printf '…')\"",
    '$"': "sh passes the dollar sign on: leave it out",
    "${": "sh has ${x:-…}, ${x:+…}, ${x#…}, ${x%…} and ${#x} only: use cut, tr or sed for the rest",
    "$(<": "sh reads nothing there: write $(cat FILE)",
    "{…}": "sh takes the braces as they stand: write the words out, use $(seq 1 5), or quote braces that are meant",
    "{…}>": "sh passes the braces on as an argument: take a number such as 3>",
    ";&": "end every branch with ;;",
    ";;&": "end every branch with ;;",
    "for … {": "write for … do … done",
    "==": "write =",
    "-v": 'write [ -n "${x+set}" ]',
    "source": "write . FILE (with ./ before a name without a folder)",
    "let": "write x=$((…))",
    "declare": "leave it out: x=…",
    "typeset": "leave it out: x=…",
    "mapfile": "use while read -r line; do …; done",
    "readarray": "use while read -r line; do …; done",
    "pushd": "use cd in a subshell: (cd FOLDER && …)",
    "popd": "use cd in a subshell: (cd FOLDER && …)",
    "shopt": "leave it out",
    "disown": "leave it out, and begin with nohup",
    "coproc": "use a named pipe (mkfifo)",
}
_COMMANDS = frozenset(
    {"source", "let", "declare", "typeset", "mapfile", "readarray", "pushd", "popd", "shopt", "disown", "coproc"}
)
_ODD_FUNCTION = "sh takes letters, digits and _ only in a function's name"
_NAME = r"[A-Za-z_]\w*"
_ASSIGNMENT = re.compile(rf"{_NAME}(?P<subscript>\[[^\]]*\])?(?P<append>\+?)=")
_DESCRIPTOR = re.compile(rf"\{{{_NAME}\}}")
_RANGE = re.compile(r"\{(?:-?\d+\.\.-?\d+|[A-Za-z]\.\.[A-Za-z])(?:\.\.-?\d+)?\}")
_SUBSTITUTES_FILE = re.compile(r"\$\([ \t\n]*<[^;&|\n]*\)")
_REDIRECTED_TO = re.compile(r"\d+|-")
_JOINS_TESTS = frozenset({"-a", "-o", "(", ")"})


def first_bash_word(text: str) -> BashWord | None:
    """The first thing in shell text that a POSIX `sh` cannot do as it is meant, if there is any.

    Placeholders in the text are `HOLE`s. The text is read as far as its reading is certain; scripts within it, such
    as that of `bash -c '…'`, are read by whatever runs them. What POSIX leaves to the shell, and dash does, is fine.
    """
    return min(_bash_words(text), default=None)


def _bash_words(text: str) -> Iterator[BashWord]:
    reading = read_as_far_as_sure(text)
    for offset, word in [*reading.only_bash, *_words(reading)]:
        way_out = _WAYS_OUT.get(word, _ODD_FUNCTION)
        yield BashWord(offset, word, f"'{word}' is bash's, and sh does not know it: {way_out}; or set shell: bash")
    for inside in reading.backquotes:
        for found in _bash_words(text[inside.start : inside.stop]):
            yield found._replace(offset=found.offset + inside.start)


def _words(reading: Reading) -> Iterator[tuple[int, str]]:
    functions = {name for name, _ in reading.functions}
    for command in reading.commands:
        yield from _in_redirections(reading, command)
        arguments = list(command.words)
        while arguments and (assignment := _ASSIGNMENT.match(arguments[0].shape)):
            word = arguments.pop(0)
            if assignment["subscript"] or assignment["append"]:
                yield word.start, "[" if assignment["subscript"] else "+="
        name = arguments[0].literal if arguments else None
        if name == "[[":
            continue
        if name in _COMMANDS and name not in functions:
            yield arguments[0].start, str(name)
        if name in {"[", "test"}:
            yield from _in_test(arguments[1:])
        for word in arguments:
            if _DESCRIPTOR.fullmatch(word.shape) and reading.text[word.end : word.end + 1] in {"<", ">"}:
                yield word.start, "{…}>"
        yield from _braces(arguments)
    yield from _braces(reading.loop_words)


def _in_redirections(reading: Reading, command: Command) -> Iterator[tuple[int, str]]:
    for redirection in command.redirections:
        target = redirection.word.literal
        if redirection.operator.endswith(">&") and target is not None and not _REDIRECTED_TO.fullmatch(target):
            yield redirection.word.start, ">&"
    is_only_fed = not command.words and [redirection.operator for redirection in command.redirections] == ["<"]
    if is_only_fed and _SUBSTITUTES_FILE.match(reading.text, max(0, reading.text.rfind("$(", 0, command.start))):
        yield command.start, "$(<"


def _braces(words: list[Word]) -> Iterator[tuple[int, str]]:
    return ((word.start, "{…}") for word in words if _RANGE.search(word.shape) or _lists(word.shape))


def _lists(shape: str) -> bool:
    """Whether a comma stands between a pair of bare braces."""
    commas: list[bool] = []
    for character in shape:
        if character == "{":
            commas.append(False)
        elif character == "," and commas:
            commas[-1] = True
        elif character == "}" and commas and commas.pop():
            return True
    return False


def _in_test(words: list[Word]) -> Iterator[tuple[int, str]]:
    """Operators that `[` has in bash only; what stands where an operand is, is text."""
    test: list[Word] = []
    for word in words:
        if word.literal in _JOINS_TESTS or (word.literal == "]" and word is words[-1]):
            yield from _in_one_test(test)
            test = []
        elif test or word.literal != "!":
            test.append(word)
    yield from _in_one_test(test)


def _in_one_test(words: list[Word]) -> Iterator[tuple[int, str]]:
    match [text_of(word) for word in words]:
        case [_, "==", _]:
            yield words[1].start, "=="
        case ["-v", _]:
            yield words[0].start, "-v"
