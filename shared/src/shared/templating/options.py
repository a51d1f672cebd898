"""Reading a program's arguments as getopt would: options, their values, operands."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.templating.syntax import Kind, Refusal, Word
from shared.templating.taint import HOLE

_SHOWN = {Kind.EXPANSION: "\2", Kind.CARRIER: HOLE}


@dataclass(frozen=True)
class Options:
    """What must be known of a program's options to tell its operands from their values.

    Letters: `valued` take a value, `code` take one that is code, `detached` take the next word whatever follows in
    theirs, `attached` may have a value in their own word, `last` end the options. Long options with a value of their
    own word are `words`, `code_words`, and `pairs` (two). `permuted`: options may follow operands.
    """

    valued: str = ""
    code: str = ""
    attached: str = ""
    detached: str = ""
    last: str = ""
    words: frozenset[str] = frozenset()
    code_words: frozenset[str] = frozenset()
    pairs: frozenset[str] = frozenset()
    permuted: bool = False


@dataclass
class Arguments:
    """A program's arguments, told apart. `flags` are the letters and long names seen; `options` all words read as
    options or their values; `dashed` whether `--` came before the operands.
    """

    flags: set[str] = field(default_factory=set)
    options: list[Word] = field(default_factory=list)
    code: list[Word] = field(default_factory=list)
    operands: list[Word] = field(default_factory=list)
    dashed: bool = False


def text_of(word: Word) -> str:
    """A word as far as it is known: each placeholder and each expansion is one character that no option has."""
    return "".join(_SHOWN.get(atom.kind, atom.text) for atom in word.atoms)


def read_arguments(words: Sequence[Word], known: Options) -> Arguments:
    """Tell options, code and operands apart. Raises `Refusal` where a value would choose the option."""
    found = Arguments()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        text = text_of(word)
        if text == "--":
            found.dashed = True
            found.operands += rest
            break
        if text[:1] not in {"-", "+"} or len(text) == 1:
            found.operands.append(word)
            if not known.permuted:
                found.operands += rest
                break
            continue
        found.options.append(word)
        if text.startswith("--"):
            _read_long(text, word, rest, known, found)
        elif _read_cluster(text, word, rest, known, found):
            found.operands += rest
            break
    return found


def _read_long(text: str, word: Word, rest: list[Word], known: Options, found: Arguments) -> None:
    name, equals, _ = text.partition("=")
    _refuse_chosen(name, word)
    found.flags.add(name)
    if name in known.code_words:
        found.code += [word] if equals else rest[:1]
    if not equals:
        takes = 2 if name in known.pairs else 1 if name in known.words | known.code_words else 0
        found.options += rest[:takes]
        del rest[:takes]


def _read_cluster(text: str, word: Word, rest: list[Word], known: Options, found: Arguments) -> bool:
    """`-abc`; returns whether it ends the options."""
    for position, letter in enumerate(text[1:], start=2):
        _refuse_chosen(letter, word)
        found.flags.add(letter)
        attached = position < len(text)
        if letter in known.detached:
            found.options += rest[:1]
            del rest[:1]
        if letter in known.code:
            found.code += [word] if attached else rest[:1]
        if letter in known.valued + known.code:
            if not attached:
                found.options += rest[:1]
                del rest[:1]
            return letter in known.last
        if letter in known.last:
            return True
        if letter in known.attached:
            break
    return False


def _refuse_chosen(option: str, word: Word) -> None:
    if HOLE in option:
        raise Refusal(word.start, "a value would choose an option here: write the option out")
