"""Joining a compiled command with values, for running and for showing it to people.

For running, values travel in exported shell variables.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from shared.captures import CAPTURES_BEGIN
from shared.contracts.compiled_action import Limit, Quoting, Slot
from shared.placeholders import PLACEHOLDER_NAME

_UNQUOTED = re.compile(r"[A-Za-z0-9_@+:,./-][A-Za-z0-9_@%+=:,./-]*")
_KEYWORDS = frozenset(
    {"case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select", "then", "time"}
    | {"coproc", "until", "while"}
)
_OPERATORS = frozenset("!();,")
LONGEST_SHOWN = 100_000
"""In characters: more than the text of a command can have."""
LONGEST_TEXT = 1_000
"""In characters, of a value that is written into a command itself."""


NOT_RUN = 125
"""The exit status with which a shell says, in words of the product's own, that nothing of the command was run."""
NO_FOLDER = "opsimate: the working directory cannot be entered, so nothing of the command was run"
"""What it prints on standard error then, where that is why."""
SETUP_ENDS = "\n}"
"""What stands behind a command that has its input set up before it: there the command is the last of a pipeline."""


def folder_refusal() -> str:
    """Shell text that ends the shell where the folder of a command cannot be entered."""
    return f'{{ echo "{NO_FOLDER}" >&2;exit {NOT_RUN};}}'


def command_to_run(parts: Sequence[str | Slot], values: Mapping[str, str]) -> str:
    """The shell text of a command: every value is referred to by its variable, or, where no variable is seen and the
    analysis has found it harmless, written. `prelude` has to set the variables first.
    """
    return "".join(part if isinstance(part, str) else _run(part, values) for part in parts)


def command_to_show(parts: Sequence[str | Slot], values: Mapping[str, str]) -> str:
    """The command as people are shown it: values in place, quoted so that it means the same when it is pasted into
    a shell. Mask secrets in `values` first. A value of some length that stands there a thousand times is cut. What has
    no value yet, as captures before the run, stands there as it was written.
    """
    shown, length = list[str](), 0
    for part in parts:
        shown.append(part if isinstance(part, str) else _shown(part, values.get(part.name)))
        length += len(shown[-1])
        if length > LONGEST_SHOWN:
            return "".join(shown)[:LONGEST_SHOWN] + "…"
    return "".join(shown)


def broken_limits(limits: Sequence[Limit], values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What values may not be, because of the places where they stand: the parameter, and a sentence."""
    for limit in limits:
        value = values.get(limit.parameter)
        if value is not None and (problem := _problem(limit, value)):
            yield limit.parameter, f"{problem} ({limit.where})"


def _problem(limit: Limit, value: str) -> str:  # noqa: PLR0911 - one for each kind
    match limit.kind:
        case "option" if value[:1] in {"-", "+", "@"} and value[:1]:
            return f"may not begin with '{value[0]}' where a program could take it for an option; {_way_out(limit)}"
        case "option" if value in _OPERATORS:
            return f"may not be '{value}' where a program could take it for an operator; {_way_out(limit)}"
        case "negative" if value.startswith("-"):
            return "may not be negative where it stands in code; give the parameter minimum: 0"
        case "equals" if "=" in value:
            return "may not hold '=' where a program would take it for an assignment"
        case "parent" if ".." in value.split("/"):
            return "may not hold '..' where it chooses the folder of a program"
        case "text" if len(value) > LONGEST_TEXT:
            return f"has {len(value)} characters, {LONGEST_TEXT} are the most where the text itself is written"
        case "relative" if not value.startswith("/"):
            return "has to be a whole path, which begins with '/'"
        case "line" if value == limit.text:
            return f"may not be '{value}' where a line of it would end a here-document"
    return ""


def _way_out(limit: Limit) -> str:
    if limit.parameter.startswith(CAPTURES_BEGIN):
        return "write something before it in the same word"
    return "leading_dash: true allows it"


def _run(slot: Slot, values: Mapping[str, str]) -> str:
    """A reference to an exported variable, as one word and never as code.

    In an inner script it fails loudly where the variable did not arrive (a program in between may have cleared
    the environment): an empty value in `rm -r /srv/{{ x }}` would be worse.
    """
    if slot.as_text is not None:
        value = values[slot.name]
        text = f"'{_single(value, slot)}'" if slot.quoting[-1] == "bare" else None
        return _value_in_place(value, slot) if text is None else _through(text, slot.quoting[:-1])
    inner = any(quoting != "backquotes" for quoting in slot.quoting[:-1])
    braced = f"${{{variable_name(slot.name)}?}}" if inner else f"${{{variable_name(slot.name)}}}"
    match slot.quoting[-1]:
        case "bare":
            text = f'"{braced}"'
        case "single":
            text = f"'\"{braced}\"'"
        case _:
            text = braced
    return _through(text, slot.quoting[:-1])


def _shown(slot: Slot, value: str | None) -> str:
    return f"{{{{ {slot.name} }}}}" if value is None else _value_in_place(value, slot)


def _value_in_place(value: str, slot: Slot) -> str:
    """The value itself, quoted so that the shell reads at this place exactly that text."""
    match slot.quoting[-1]:
        case "bare":
            text = _bare(value, slot)
        case "single":
            text = _single(value, slot)
        case "double":
            text = ('""' if slot.after_name else "") + _double(value, slot)
        case "here_document":
            text = _here_document(value, slot)
        case _:
            text = value
    return _through(text, slot.quoting[:-1])


def _through(text: str, enclosing: Sequence[Quoting]) -> str:
    """Text of an inner script, written so that every shell around it passes it on unread."""
    for quoting in reversed(enclosing):
        match quoting:
            case "single":
                text = text.replace("'", "'\\''")
            case "double":
                text = re.sub(r'([\\"$`])', r"\\\1", text).replace("!", "\"'!'\"")
            case "bare":
                text = single_quoted(text)
            case "here_document" | "backquotes":
                text = re.sub(r"([\\$`])", r"\\\1", text)
    return text


def _bare(value: str, slot: Slot) -> str:
    plain = slot.alone and not slot.after_name and _UNQUOTED.fullmatch(value) and value not in _KEYWORDS
    return value if plain else f"'{_single(value, slot)}'"


def _single(value: str, slot: Slot) -> str:
    return _lines_apart(value.replace("'", "'\\''"), "''", slot)


def _double(value: str, slot: Slot) -> str:
    """For between double quotes; an exclamation mark leaves them, as an interactive shell looks for it there."""
    return _lines_apart(re.sub(r'([\\"$`])', r"\\\1", value).replace("!", "\"'!'\""), '""', slot)


def _lines_apart(text: str, quotes: str, slot: Slot) -> str:
    """Quoted text for a substitution in a here-document, in which no line may look like the delimiter."""
    return text.replace("\n", f"{quotes}\n{quotes}") if slot.delimiters else text


def _here_document(value: str, slot: Slot) -> str:
    """An expansion of nothing keeps a line from being the delimiter and its tabs from being taken away."""
    lines = re.sub(r"([\\$`])", r"\\\1", value).split("\n")
    for number, line in enumerate(lines):
        at_an_edge = number in {0, len(lines) - 1}
        text = line.lstrip("\t")
        # bash 5.2 takes a line in $(…) that only begins with the delimiter for the end, where a parenthesis follows.
        could_end = any(text.startswith(end) or (at_an_edge and text in end) for end in slot.delimiters)
        if could_end or line.startswith("\t") or (number == 0 and slot.after_name):
            lines[number] = "${IFS+}" + line
    return "\n".join(lines)


_NAME = re.compile(PLACEHOLDER_NAME)
_ESCAPES = str.maketrans({".": "__", "_": "_1", "-": "_2"})


def variable_name(name: str) -> str:
    """The shell variable that carries the value of `{{ name }}`.

    A parameter keeps its name (`service` -> `OPSIMATE_PARAM_service`). A dotted name is spelt so that no two
    collide (`alert.labels.instance` -> `OPSIMATE_VALUE_alert__labels__instance`).
    Raises `ValueError` for what cannot stand between double braces.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a name that a placeholder can have")
    if "." in name:
        return f"OPSIMATE_VALUE_{name.translate(_ESCAPES)}"
    return f"OPSIMATE_PARAM_{name}"


def single_quoted(value: str) -> str:
    """The value as one word of any POSIX shell, every character of it literal."""
    return "'" + value.replace("'", "'\\''") + "'"


def prelude(values: Mapping[str, str]) -> str:
    """Shell text that sets and exports the variable of every value, to stand before a compiled command: on the same
    line, so that the numbers of lines in a shell's messages are those of the command.

    Raises `ValueError` for a NUL character, which no shell variable can hold. The environment has limits of its
    own (`shared.contracts.parameter`): the values are bound to them before they come here.
    """
    for name, value in values.items():
        if "\0" in value:
            raise ValueError(f"the value of {name!r} holds a NUL character, which no command can receive")
    return "".join(f"export {variable_name(name)}={single_quoted(value)};" for name, value in values.items())
