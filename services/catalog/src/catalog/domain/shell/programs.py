"""The table of programs that run what they are given, and how their arguments are told apart, as getopt would."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from posixpath import basename
from typing import Any

from catalog.domain.shell.tree import HOLE, UNKNOWN, Refusal, Word

_TABLE: dict[str, Any] = tomllib.loads(files(__package__).joinpath("programs.toml").read_text())
_CLASSES: dict[str, str] = _TABLE.pop("classes")
PLACES: dict[str, dict[str, Any]] = _TABLE.pop("places")
"""What may stand somewhere, and what is told where something else would."""
LANGUAGES: dict[str, dict[str, Any]] = _TABLE.pop("languages")
RUNS_OPTION = re.compile(_TABLE.pop("runs")["options"] + "(?==|\\Z)")
_OUTPUT = _TABLE.pop("output")
LISTING, FILTERS, DATA = (frozenset(_OUTPUT[key].split()) for key in ("listing", "filters", "data"))
_QUIET = {name: re.compile(prints) for names, prints in _OUTPUT["quiet"].items() for name in names.split()}
_VARIABLES = _TABLE.pop("variables")
CODE_VARIABLE = re.compile(_VARIABLES["code"])
FILE_VARIABLE = re.compile(_VARIABLES["files"])
SHELLS = frozenset(_VARIABLES["shells"].split())
"""Variables that name a shell."""
ALTERS: dict[str, dict[str, str]] = {
    name: row for row in _TABLE.pop("alters").values() for name in row["names"].split()
}
BASH_WORDS: dict[str, str] = _TABLE.pop("bash_words")
BASH_COMMANDS = frozenset(_TABLE.pop("bash_commands")["names"].split())
Entry = dict[str, Any]
"""What the table says of a program."""
PROGRAMS: dict[str, Entry] = {
    name: entry
    for first, entry in _TABLE.items()
    for name in [first, *(same.replace("|", " ") for same in entry.get("same", "").split())]
}
_VERSIONED = re.compile(r"((?:python|perl|ruby|lua|php)\d?)[\d.]*")
_SCRIPT_FOLLOWS = re.compile(r"[-+]\w*c")
LONGEST_CODE = 10_000
"""In characters: strings are not looked for in more."""


@cache
def classes(names: str) -> frozenset[str]:
    """The classes of values in a text that names some, or several at once."""
    return frozenset(found for name in names.split() for found in _CLASSES.get(name, name).split())


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


def needs_in_code(known: dict[str, Any], code: str) -> dict[int, str]:
    """Which values may stand at every hole of code in a language, and at all that only the running shell knows."""
    spots = [at for at, character in enumerate(code) if character in {HOLE, UNKNOWN}]
    if "text" in known:
        return {at: known["text"] if at else known.get("first", "choice") for at in spots}
    if len(code) == 1:
        return dict.fromkeys(spots, "none")
    inside, outside = set[int](), code
    if len(code) <= LONGEST_CODE and "strings" in known:
        for match in re.finditer(known["strings"], code):
            for group in match.re.groupindex:
                inside.update(range(*match.span(group)) if group.startswith("in") else ())
        outside = re.sub(known["strings"], "", code)
    if re.search(known.get("danger", "(?!)"), code) or re.search(known.get("outside", "(?!)"), outside):
        inside.clear()
    return {at: "string" if at in inside else "bare" for at in spots}


@dataclass
class Arguments:
    """A program's arguments, told apart. `options` are all words read as options or their values."""

    flags: set[str] = field(default_factory=set)
    options: list[Word] = field(default_factory=list)
    code: list[tuple[str, Word]] = field(default_factory=list)
    """With the option that brings it."""
    operands: list[Word] = field(default_factory=list)


def names_in(entry: Entry, key: str) -> frozenset[str]:
    """The words that a row of the table has under a key."""
    return _words(entry.get(key, ""))


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def read_arguments(words: Sequence[Word], known: Entry) -> Arguments:
    """Tell options, code and operands apart. Raises `Refusal` where a value would choose the option."""
    found, at = Arguments(), 0
    while at < len(words):
        word, at = words[at], at + 1
        if word.shape == "--":
            break
        if word.shape[:1] not in {"-", "+"} or len(word.shape) == 1:
            found.operands.append(word)
            if "permuted" not in known:
                break
            continue
        found.options.append(word)
        taken, is_last = _option(word, words[at:], known, found)
        found.options += words[at : at + taken]
        at += taken
        if is_last:
            break
    found.operands += words[at:]
    return found


def _option(word: Word, rest: Sequence[Word], known: Entry, found: Arguments) -> tuple[int, bool]:
    """Read one word of options; how many further words belong to it, and whether it is the last."""
    shape = word.shape
    name, equals, _ = shape.partition("=")
    is_code = name in names_in(known, "code_words")
    is_valued = is_code or name in names_in(known, "words")
    if shape.startswith("--") or is_valued:
        _refuse_chosen(word, name)
        found.flags.add(name)
        if is_code:
            found.code += [(name, code) for code in ([word.cut(len(name) + 1)] if equals else rest[:1])]
        return 0 if equals else 2 if name in names_in(known, "pairs") else int(is_valued), False
    detached = 0
    for position, letter in enumerate(shape[1:], start=2):
        _refuse_chosen(word, letter)
        found.flags.add(letter)
        detached += letter in known.get("detached", "")
        is_code, is_last = letter in known.get("code", ""), letter in known.get("last", "")
        if is_code or letter in known.get("valued", ""):
            own = [word.cut(position)] if position < len(shape) else rest[:1]
            found.code += [(letter, code) for code in own if is_code]
            return int(position == len(shape)), is_last
        if is_last or letter in known.get("attached", ""):
            return detached, is_last
    return detached, False


def _refuse_chosen(word: Word, option: str) -> None:
    if HOLE in option or UNKNOWN in option:
        needs = ["digits", "choice"] if HOLE in option else []
        at = next((piece.at for piece in word.pieces if piece.is_hole), word.at)
        raise Refusal(at, "it would choose an option here: write the option out", needs)


def script_option(words: Sequence[Word]) -> int:
    """Where an option stands behind which a shell finds its script; else the end."""
    return next((n for n, word in enumerate(words) if _SCRIPT_FOLLOWS.fullmatch(word.literal or "")), len(words))


def may_vanish(word: Word) -> bool:
    """Whether a word may be nothing, several words or an option once the shell has read it."""
    is_one = word.literal is not None or word.quoted or not any(piece.expansion for piece in word.pieces)
    return not is_one and not word.bare.strip(UNKNOWN).lstrip("-+cC")


def may_run_arguments(words: Sequence[Word]) -> bool:
    """Whether the program behind others, such as `env`, may run or read as code what `xargs` hands to it."""
    for name in map(program_name, words):
        entry = PROGRAMS.get(name, {})
        if "command" not in entry:
            code_only = "operands" not in entry or entry["language"] in {"shell", "make"}
            return not re.search(r"\w", name) or (bool(entry) and "does" not in entry and code_only)
    return True
