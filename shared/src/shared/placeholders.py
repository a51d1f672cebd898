"""Finding `{{ name }}` in a text, and filling it in where the text is not shell.

Only a dotted name between double braces is ours: `{{.Names}}`, `{{range .X}}` and `{{ a | b }}` are left as they
are. A backslash before two braces makes them plain braces; as everywhere, two backslashes are not an escape.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

_STEPS = r"steps(?:\.[A-Za-z0-9_][A-Za-z0-9_-]*)+"
"""What is under ``steps`` has the names of steps, which may begin with a digit."""
PLACEHOLDER_NAME = rf"(?:{_STEPS}|[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)"
_MARK = re.compile(
    rf"(?P<backslashes>\\*)(?:(?P<placeholder>\{{\{{[ \t]*(?P<name>{PLACEHOLDER_NAME})[ \t]*\}}\}})|(?P<braces>\{{\{{))"
)
_OPENING = re.compile(
    rf"(?P<backslashes>\\*)\{{\{{[ \t]*(?P<name>{PLACEHOLDER_NAME})[ \t]*(?P<after>\}}\}}|\}}|\n|(?<![ \t])['\"]|)"
)
"""Double braces with a name behind them, and what comes next; an opening of other programs' templates as well."""


class TemplateError(ValueError):
    """A template that cannot be used as it stands.

    `message` says what is wrong and how to write it instead; `line` and `column` (both from 1) say where.
    """

    field = ""
    """Where that is not the template itself, but one beside it: its field."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.message = message
        self.line = line
        self.column = column

    @classmethod
    def at(cls, template: str, offset: int, message: str) -> "TemplateError":
        """The error at a character of the template, counted from 0."""
        before = template[:offset]
        return cls(message, before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One `{{ name }}`: `text` is how it was written, `start` and `end` where, in characters from 0."""

    name: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A span of text between placeholders, its escaped braces made plain; `offsets[i]` is where its i-th
    character stands in the template.
    """

    text: str
    offsets: range


def split(template: str) -> list[Literal | Placeholder]:
    """The template as literals and placeholders, in order; an escaping backslash belongs to neither."""
    if "{{" not in template:
        return [Literal(template, range(len(template)))] if template else []
    pieces: list[Literal | Placeholder] = []
    position = 0
    for mark in _MARK.finditer(template):
        escaped = len(mark["backslashes"]) % 2 == 1
        if escaped:
            backslash = mark.end("backslashes") - 1
            pieces.append(Literal(template[position:backslash], range(position, backslash)))
            position = backslash + 1
        elif mark["placeholder"]:
            start = mark.start("placeholder")
            pieces.append(Literal(template[position:start], range(position, start)))
            pieces.append(Placeholder(mark["name"], mark["placeholder"], start, mark.end()))
            position = mark.end()
    pieces.append(Literal(template[position:], range(position, len(template))))
    return [piece for piece in pieces if piece.text]


def placeholder_names(text: str) -> list[str]:
    """The names used in a template, each once, in the order in which they first appear."""
    return list(dict.fromkeys(piece.name for piece in split(text) if isinstance(piece, Placeholder)))


def unknown_names(template: str, names: Collection[str]) -> list[TemplateError]:
    """What is wrong with every placeholder that nothing fills, each name once, where it first stands."""
    first: dict[str, Placeholder] = {}
    for piece in split(template):
        if isinstance(piece, Placeholder) and piece.name not in names:
            first.setdefault(piece.name, piece)
    return [_unknown(template, placeholder, names) for placeholder in first.values()]


def require_known(template: str, placeholder: Placeholder, names: Collection[str]) -> None:
    """Raise `TemplateError`, with the nearest known name, for a placeholder that nothing fills."""
    if placeholder.name not in names:
        raise _unknown(template, placeholder, names)


def _unknown(template: str, placeholder: Placeholder, names: Collection[str]) -> TemplateError:
    near = get_close_matches(placeholder.name, sorted(names), n=1, cutoff=0.5)
    if near:
        hint = f"did you mean {{{{ {near[0]} }}}}?"
    elif names:
        hint = f"known are: {', '.join(sorted(names))}; braces of another program are written \\{placeholder.text}"
    else:
        hint = "nothing is declared that could fill it; \\{{ is a literal {{"
    return TemplateError.at(template, placeholder.start, f"unknown name {placeholder.name!r}: {hint}")


def render_text(template: str, values: Mapping[str, str]) -> str:
    """Fill in a plain text that no shell reads, such as a step's provider or a parameter of an alert rule.

    Raises `TemplateError` for a name that has no value.
    """

    def filled(placeholder: Placeholder) -> str:
        require_known(template, placeholder, values.keys())
        return values[placeholder.name]

    return "".join(filled(p) if isinstance(p, Placeholder) else p.text for p in split(template))


def refuse_unclosed(template: str) -> None:
    """Raise `TemplateError` for a `{{ name` that nothing closes: the braces would be taken for text.

    What other programs' templates have between closed braces, as in `{{range .X}}`, is theirs. So is bash's
    `{{a,b},c}`.
    """
    for opening in _OPENING.finditer(template):
        escaped = len(opening["backslashes"]) % 2 == 1
        theirs = opening["after"] == "" and (template.startswith(",", opening.end()) or _is_closed(template, opening))
        if not escaped and opening["after"] != "}}" and not theirs:
            name = opening["name"]
            message = f"'{{{{ {name}' is never closed: write {{{{ {name} }}}}, or \\{{{{ for plain braces"
            raise TemplateError.at(template, opening.end("backslashes"), message)


def refuse_bare_braces(template: str) -> None:
    """Raise `TemplateError` for double braces without a name of ours, where no other program's template can stand."""
    for mark in _MARK.finditer(template):
        if mark["braces"] and len(mark["backslashes"]) % 2 == 0:
            message = "'{{' has no name behind it: write {{ NAME }}, or \\{{ for plain braces"
            raise TemplateError.at(template, mark.start("braces"), message)


def _is_closed(template: str, opening: re.Match[str]) -> bool:
    following = template.find("{{", opening.end())
    closing = template.find("}}", opening.end())
    return closing >= 0 and (following < 0 or closing < following)
