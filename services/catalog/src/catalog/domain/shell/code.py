"""Values in the code of other languages: inside a string of the author's, or bare."""

import re
from functools import cache
from typing import Any

from catalog.domain.shell.programs import LANGUAGES
from catalog.domain.shell.tree import HOLE, UNKNOWN
from shared.contracts.command import ValueClass

BARE: tuple[ValueClass, ...] = ("digits", "number", "choice")
"""The classes of values that may stand anywhere in code."""
IN_STRING: tuple[ValueClass, ...] = ("digits", "number", "plain", "choice")
"""The classes of values that may stand inside a string."""
IN_TEXT: tuple[ValueClass, ...] = ("digits", "number", "plain", "path", "choice")
"""The classes of values that may stand where a shell, or a plainer reader of words, finds them as text."""

LONGEST_CODE = 10_000
"""In characters: strings are not looked for in more."""
_SED = re.compile(
    r"\bs(?P<s>[^\w\s\\.-])(?P<a>(?:\\.|\[\^?\]?[^\]\n]*\]|(?!(?P=s))[^\\\n])*)(?P=s)(?P<b>(?:\\.|(?!(?P=s))[^\\])*)(?P=s)"
    r"|(?<![\w\\])/(?P<c>(?:\\.|\[\^?\]?[^\]\n]*\]|[^/\\\n\[])*)/"
    r"|\\(?P<d>[^\w\s\\.-])(?P<e>(?:\\.|(?!(?P=d))[^\\\n])*)(?P=d)",
    re.DOTALL,
)
_SED_RUNS = re.compile(r"[ewrWRF]")
_NAMED = re.compile(
    r'\b(?:from|into|update|join|tables?|database|schema|index|view|exists|column|user|role|sequence)\s+(?:"?\w+"?\.)?"[^"]*\Z',
    re.IGNORECASE,
)


def needs_in_code(language: str, code: str) -> dict[int, tuple[str, ...]]:
    """For every hole, and everything that only the running shell knows, which values may stand there.

    `code` has a `HOLE` or an `UNKNOWN` for each. The empty tuple stands for the whole of a code: none may.
    """
    spots = [at for at, character in enumerate(code) if character in {HOLE, UNKNOWN}]
    known = LANGUAGES[language]
    if within := known.get("text"):
        first = IN_TEXT if known.get("first") else ("choice",)
        return {at: (IN_TEXT if within == "path" else IN_STRING) if at else first for at in spots}
    if len(code) == 1:
        return dict.fromkeys(spots, ())
    if language == "sed" and len(code) <= LONGEST_CODE:
        return _in_sed(code, spots)
    if len(code) > LONGEST_CODE or not known.get("quotes") or re.search(known["danger"], code):
        return dict.fromkeys(spots, BARE)
    return _in_strings(known, code, spots)


def _in_sed(code: str, spots: list[int]) -> dict[int, tuple[str, ...]]:
    inside: set[int] = set()
    rest, last = [], 0
    for match in _SED.finditer(code):
        rest.append(code[last : match.start()])
        last = match.end()
        for group in "abce":
            inside.update(range(*match.span(group)))
    rest.append(code[last:])
    runs = _SED_RUNS.search("".join(rest)) is not None
    return {at: IN_STRING if at in inside and not runs else BARE for at in spots}


@cache
def _scanner(quotes: str, comment: str) -> re.Pattern[str]:
    strings = []
    for quote in quotes:
        begins = r"(?<=[(,=:\[!&|?{};~\n])\s*/|(?<![^\s])/" if quote == "/" else quote
        strings.append(rf"(?P<s{ord(quote)}>(?:{begins})(?:\\.|[^{quote}\\])*{quote})")
    return re.compile("|".join([*strings, *([comment] if comment else [])]), re.DOTALL)


def _in_strings(known: dict[str, Any], code: str, spots: list[int]) -> dict[int, tuple[str, ...]]:
    """Strings are found from the front, with comments passed over; what is never closed is bare."""
    inside: set[int] = set()
    quotes = known["quotes"] + ('"' if known.get("identifiers") else "")
    for match in _scanner(quotes, known.get("comment", "")).finditer(code):
        # In SQL a text in double quotes may be a column, and `name = "name"` is true.
        is_name = match.lastgroup == "s34" and known.get("identifiers")
        if match.lastgroup and (not is_name or _NAMED.search(code[max(0, match.start() - 200) : match.start() + 1])):
            inside.update(range(match.start(), match.end()))
    return {at: IN_STRING if at in inside else BARE for at in spots}
