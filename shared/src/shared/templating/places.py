"""The places in which a placeholder can stand, and what is written there in its stead."""

import re
from dataclasses import dataclass, replace
from enum import Enum, auto

from shared.templating.variables import single_quoted

_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_KEYWORDS = frozenset(
    {"case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select", "then", "time"}
    | {"coproc", "until", "while"}
)


class Quoting(Enum):
    """How the shell reads the characters at a place."""

    BARE = auto()
    ESCAPED = auto()  # a single character behind a backslash; no placeholder stands so
    SINGLE = auto()
    DOUBLE = auto()
    BRACED = auto()  # in `${x:-…}` within double quotes
    HERE_DOCUMENT = auto()
    COMMENT = auto()


@dataclass(frozen=True, slots=True)
class Place:
    """Where one placeholder stands.

    `enclosing` is the quoting, outermost first, of the scripts around it: in `sh -c "echo '{{ x }}'"` the quoting
    is single and the enclosing one double. `alone` tells that a plain value would stay a word of its own meaning
    here, `after_name` that its first letter would be read as more of a variable's name (`$y{{ x }}`).
    `delimiters` are the lines that end the here-documents around it.
    """

    quoting: Quoting
    enclosing: tuple[Quoting, ...] = ()
    alone: bool = True
    after_name: bool = False
    delimiters: tuple[str, ...] = ()

    def within(self, outer: "Place") -> "Place":
        """This place in a script, given the place of the script."""
        return replace(
            self,
            enclosing=(outer.quoting, *self.enclosing),
            delimiters=outer.delimiters + self.delimiters,
        )


def reference(variable: str, place: Place) -> str:
    """A reference to an exported variable, as one word and never as code.

    In an inner script it fails loudly where the variable did not arrive (a program in between may have cleared
    the environment): an empty value in `rm -r /srv/{{ x }}` would be worse.
    """
    braced = f"${{{variable}?}}" if place.enclosing else f"${{{variable}}}"
    match place.quoting:
        case Quoting.BARE:
            text = f'"{braced}"'
        case Quoting.SINGLE:
            text = f"'\"{braced}\"'"
        case _:
            text = braced
    return _through(text, place.enclosing)


def value_in_place(value: str, place: Place) -> str:
    """The value itself, quoted so that the shell reads at this place exactly that text."""
    match place.quoting:
        case Quoting.BARE:
            text = _bare(value, place)
        case Quoting.SINGLE:
            text = _single(value, place)
        case Quoting.DOUBLE:
            text = ('""' if place.after_name else "") + _double(value, place)
        case Quoting.BRACED:
            text = re.sub(r'([\\"$`}])', r"\\\1", value).replace("'", '"\'"')
        case _:
            text = _here_document(value, place)
    return _through(text, place.enclosing)


def _through(text: str, enclosing: tuple[Quoting, ...]) -> str:
    """Text of an inner script, written so that every shell around it passes it on unread."""
    for quoting in reversed(enclosing):
        match quoting:
            case Quoting.SINGLE:
                text = text.replace("'", "'\\''")
            case Quoting.DOUBLE:
                text = _double(text, Place(quoting))
            case _:
                text = single_quoted(text)
    return text


def _bare(value: str, place: Place) -> str:
    plain = place.alone and not place.after_name and _PLAIN.fullmatch(value) and value not in _KEYWORDS
    return value if plain else f"'{_single(value, place)}'"


def _single(value: str, place: Place) -> str:
    return _lines_apart(value.replace("'", "'\\''"), "''", place)


def _double(value: str, place: Place) -> str:
    """For between double quotes; an exclamation mark leaves them, as an interactive shell looks for it there."""
    return _lines_apart(re.sub(r'([\\"$`])', r"\\\1", value).replace("!", "\"'!'\""), '""', place)


def _lines_apart(text: str, quotes: str, place: Place) -> str:
    """Quoted text for a substitution in a here-document, in which no line may look like the delimiter."""
    return text.replace("\n", f"{quotes}\n{quotes}") if place.delimiters else text


def _here_document(value: str, place: Place) -> str:
    """An expansion of nothing keeps a line from being the delimiter and its tabs from being taken away."""
    lines = re.sub(r"([\\$`])", r"\\\1", value).split("\n")
    for number, line in enumerate(lines):
        at_an_edge = number in {0, len(lines) - 1}
        text = line.lstrip("\t")
        # bash 5.2 takes a line in $(…) that only begins with the delimiter for the end, where a parenthesis follows.
        could_end = any(text.startswith(end) or (at_an_edge and text in end) for end in place.delimiters)
        if could_end or line.startswith("\t") or (number == 0 and place.after_name):
            lines[number] = "${IFS+}" + line
    return "\n".join(lines)
