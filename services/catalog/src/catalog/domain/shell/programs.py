"""The table of programs that run what they are given, and how their arguments are told apart, as getopt would."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from posixpath import basename
from typing import Any

from catalog.domain.shell.tree import HOLE, UNKNOWN, Piece, Refusal, Word

_TABLE: dict[str, Any] = tomllib.loads(files(__package__).joinpath("programs.toml").read_text())
LANGUAGES: dict[str, dict[str, Any]] = _TABLE.pop("languages")
RUNS_OPTION = re.compile(_TABLE.pop("runs")["options"] + "(?==|\\Z)")
_OUTPUT = _TABLE.pop("output")
LISTING, FILTERS, DATA = (frozenset(_OUTPUT[key].split()) for key in ("listing", "filters", "data"))
_QUIET = {name: re.compile(prints) for names, prints in _OUTPUT["quiet"].items() for name in names.split()}
BASH_WORDS: dict[str, str] = _TABLE.pop("bash_words")
BASH_COMMANDS = frozenset(_TABLE.pop("bash_commands")["names"].split())
Entry = dict[str, Any]
"""What the table says of a program."""
PROGRAMS: dict[str, Entry] = {
    name: {"does": "program", **entry}
    for first, entry in _TABLE.items()
    for name in [first, *(same.replace("|", " ") for same in entry.get("same", "").split())]
}
CODE_VARIABLE = re.compile(
    r"(?:LD|DYLD|GIT)_\w+|BASH_ENV|ENV|PS[0-4]|IFS|HOME|SHELL|VISUAL|BROWSER|LESSOPEN|LESSCLOSE"
    r"|PERL5\w*|PYTHON(?:STARTUP|HOME|INSPECT)|RUBY(?:OPT|LIB)"
    r"|\w*(?:PATH|PRELOAD|AUDIT|OPTIONS|OPTS|FLAGS|COMMAND|EDITOR|PAGER|ASKPASS|_RSH|_SSH)"
)
"""What is in these is run, or chooses what is run, sooner or later."""
_VERSIONED = re.compile(r"((?:python|perl|ruby|lua|php)\d?)[\d.]*")


def program_name(word: Word | None) -> str:
    """The program that a word names, without its folder and its version; empty where that is not known."""
    if word is None or word.literal is None:
        return ""
    name = basename(word.literal)
    versioned = _VERSIONED.fullmatch(name)
    return versioned[1].rstrip("0123456789") if versioned else name


def is_quiet(name: str, words: Sequence[Word]) -> bool:
    """Whether a program with these arguments prints what they name, and nothing of what they say."""
    return name in _QUIET and not _QUIET[name].search("".join(f"\n{word.shape}" for word in words))


def computes_number(words: Sequence[Word]) -> bool:
    """Whether a command prints a number, or what means nothing in any code, whatever it reads."""
    return bool(words) and re.fullmatch(_OUTPUT["harmless"], "\n".join(word.shape for word in words)) is not None


@dataclass
class Arguments:
    """A program's arguments, told apart. `options` are all words read as options or their values."""

    flags: set[str] = field(default_factory=set)
    options: list[Word] = field(default_factory=list)
    code: list[tuple[str, Word]] = field(default_factory=list)
    """With the option that brings it."""
    operands: list[Word] = field(default_factory=list)


@cache
def _option_words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def read_arguments(words: Sequence[Word], known: Entry) -> Arguments:
    """Tell options, code and operands apart. Raises `Refusal` where a value would choose the option."""
    found = Arguments()
    at = 0
    while at < len(words):
        word, at = words[at], at + 1
        shape = word.shape
        if shape == "--":
            found.operands += words[at:]
            break
        if shape[:1] not in {"-", "+"} or len(shape) == 1:
            found.operands.append(word)
            if known.get("permuted"):
                continue
            found.operands += words[at:]
            break
        found.options.append(word)
        taken, ends = _option(word, shape, words[at:], known, found)
        found.options += words[at : at + taken]
        at += taken
        if ends:
            found.operands += words[at:]
            break
    return found


def _option(word: Word, shape: str, rest: Sequence[Word], known: Entry, found: Arguments) -> tuple[int, bool]:
    """Read one word of options; how many further words belong to it, and whether it is the last."""
    name, equals, _ = shape.partition("=")
    is_code = name in _option_words(known.get("code_words", ""))
    if shape.startswith("--") or is_code or name in _option_words(known.get("words", "")):
        _refuse_chosen(word, name)
        found.flags.add(name)
        if is_code:
            found.code += [(name, code) for code in ([cut(word, len(name) + 1)] if equals else rest[:1])]
        if equals:
            return 0, False
        return (
            2
            if name in _option_words(known.get("pairs", ""))
            else int(is_code or name in _option_words(known.get("words", "")))
        ), False
    detached = 0
    for position, letter in enumerate(shape[1:], start=2):
        _refuse_chosen(word, letter)
        found.flags.add(letter)
        detached += letter in known.get("detached", "")
        if letter in known.get("valued", "") + known.get("code", ""):
            is_attached = position < len(shape)
            if letter in known.get("code", ""):
                found.code += [(letter, code) for code in ([cut(word, position)] if is_attached else rest[:1])]
            return (0 if is_attached else 1), letter in known.get("last", "")
        if letter in known.get("last", ""):
            return detached, True
        if letter in known.get("attached", ""):
            break
    return detached, False


def _refuse_chosen(word: Word, option: str) -> None:
    if HOLE in option or UNKNOWN in option:
        needs = ["digits", "choice"] if HOLE in option else []
        at = next((piece.at for piece in word.pieces if piece.is_hole), word.at)
        raise Refusal(at, "it would choose an option here: write the option out", needs)


def cut(word: Word, start: int, end: int | None = None) -> Word:
    """A part of a word, by the characters of its shape."""
    pieces, at = list[Piece](), 0
    for piece in word.pieces:
        first, last = max(start - at, 0), piece.width if end is None else min(end - at, piece.width)
        if first < last or (piece.width == 0 and at >= start):
            text = piece.text if piece.expansion else piece.text[first:last]
            pieces.append(Piece(piece.at + first, piece.quoting, text, piece.expansion))
        at += piece.width
    return Word(pieces[0].at if pieces else word.at, pieces, quoted=True)
