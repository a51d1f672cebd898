"""What to change where a text is no YAML: the parser says what it met, not what its writer did."""

import re

INDENT_WITH_SPACES = "a tab stands here: indent with spaces"
QUOTE = "a text with ': ' in it has to stand in quotes, or in lines of its own below '|'"
UNEVEN = "this line is indented otherwise than its neighbours"

_PAIR = re.compile(r":(?:\s|$)")
_OUT_OF_PLACE = re.compile(r"did not find expected (?:key|'-' indicator)|expected <block end>")
_SECOND_PAIR = re.compile(r"mapping values are not allowed|expected ',' or '[]}]'")


def advice(text: str, line: int, column: int, problem: str) -> str:
    """What to change at this place, where it can be told; line and column count from 0."""
    lines = text.splitlines()
    shown = lines[line] if line < len(lines) else ""
    before = shown[:column]
    if "\t" in _indentation(shown) or shown[column : column + 1] == "\t":
        return INDENT_WITH_SPACES
    if _SECOND_PAIR.search(problem) and shown[column : column + 1] == ":":
        if _PAIR.search(before):
            return QUOTE
        return UNEVEN if line and len(_indentation(shown)) > len(_indentation(lines[line - 1])) else ""
    if _OUT_OF_PLACE.search(problem) and not before.strip():
        return UNEVEN
    return ""


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
