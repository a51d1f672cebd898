"""Shell command templates: compiled for running, and shown to people with their values in place."""

from collections.abc import Callable, Collection, Mapping
from typing import Literal

from shared.templating.analysis import find_places
from shared.templating.dialect import first_bash_word
from shared.templating.placeholders import Placeholder, TemplateError, refuse_unclosed, require_known, split
from shared.templating.places import Place, Quoting, reference, value_in_place
from shared.templating.syntax import Refusal
from shared.templating.taint import HOLE
from shared.templating.variables import variable_name


def check_command(template: str, names: Collection[str], shell: Literal["sh", "bash"]) -> None:
    """Raise `TemplateError` where a command cannot be saved: it would not mean to the shell what its author means.

    That is all that `compile_command` refuses, a `{{ name` that is never closed, bash's words in a command for `sh`,
    and a carriage return within a line.
    """
    _refuse_carriage_returns(template)
    refuse_unclosed(template)
    if shell == "sh":
        text, offsets, _ = with_holes(template)
        if found := first_bash_word(text):
            raise TemplateError.at(template, offsets[found.offset], found.message)
    compile_command(template, names)


def _refuse_carriage_returns(template: str) -> None:
    position = template.find("\r")
    if position >= 0:
        message = (
            "a carriage return stands within this line, which the shell takes for a part of a word: "
            "end lines with LF, and write printf '\\r' for one that is meant"
        )
        raise TemplateError.at(template, position, message)


def compile_command(template: str, names: Collection[str]) -> str:
    """The shell text of a command template: every `{{ name }}` becomes a reference to its exported variable.

    The text runs in any POSIX shell and in bash, after `prelude` has set the variables. A value arrives as one
    word, or as text within the quotes around it, and never becomes code: the script of an inner `sh -c` gets the
    reference, and whatever else the shell, or a program well known for it, would take for code is refused.
    That holds as well for variables of the author's own that may hold a value, be it by way of others, of arguments
    or of `read`: they are followed by name, through the text and the scripts in it, wherever they are assigned. What
    leaves the text is not followed: a file that something else runs later, a script file or a program that treats
    its arguments, its environment or its input as code, and a variable's name that is put together while it runs.

    Raises `TemplateError` where a place is not sure or not safe, and for a name that is not among `names`.
    """
    return _fill(template, names, lambda name, place: reference(variable_name(name), place))


def display_command(template: str, values: Mapping[str, str]) -> str:
    """The command as people are shown it: values in place, quoted so that it means the same when it is pasted into
    a shell. Mask secrets in `values` first.

    Raises `TemplateError` as `compile_command` does.
    """
    return _fill(template, values.keys(), lambda name, place: value_in_place(values[name], place))


def _fill(template: str, names: Collection[str], text_for: Callable[[str, Place], str]) -> str:
    """The template with a text for every placeholder; those in comments stay."""
    text, offsets, placeholders = with_holes(template)
    try:
        places = find_places(text)
    except Refusal as refusal:
        position = min(refusal.offset, len(offsets) - 1)
        message = _with_name(refusal.message, placeholders.get(position))
        raise TemplateError.at(template, offsets[position], message) from None
    filled = list(text)
    for position, placeholder in placeholders.items():
        place = places[position]
        if place.quoting is Quoting.COMMENT:
            filled[position] = placeholder.text
        else:
            require_known(template, placeholder, names)
            filled[position] = text_for(placeholder.name, place)
    return "".join(filled)


def _with_name(message: str, placeholder: Placeholder | None) -> str:
    """Advice is given for `{{ x }}`; say it for the placeholder in question."""
    if placeholder is None:
        return message
    advice = message.replace("{{ x }}", placeholder.text).replace(variable_name("x"), variable_name(placeholder.name))
    return f"{placeholder.text} cannot stand here: {advice}"


def with_holes(template: str) -> tuple[str, list[int], dict[int, Placeholder]]:
    """The shell text with a `HOLE` for every placeholder, where each character stands in the template, and the
    placeholders by the position of their hole.
    """
    if HOLE in template:
        raise TemplateError.at(template, template.index(HOLE), "a command cannot hold a NUL character")
    text: list[str] = []
    offsets: list[int] = []
    placeholders: dict[int, Placeholder] = {}
    for piece in split(template):
        if isinstance(piece, Placeholder):
            placeholders[len(text)] = piece
            text.append(HOLE)
            offsets.append(piece.start)
        else:
            text += piece.text
            offsets += piece.offsets
    return "".join(text), offsets, placeholders
