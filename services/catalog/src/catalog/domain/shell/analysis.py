"""From the commands of an action to their parts, or to what is wrong with them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from catalog.domain.shell.grammar import read_shell
from catalog.domain.shell.invocations import Invocations
from catalog.domain.shell.setup import NO_SETUP, Setup
from catalog.domain.shell.tree import HOLE, BashWord, Place, Refusal, Unreadable
from catalog.domain.shell.values import Value, cure
from shared.commands import variable_name
from shared.contracts.compiled_action import Limit, LimitKind, Slot
from shared.placeholders import Placeholder, TemplateError, refuse_unclosed, require_known, split


@dataclass
class Compiled:
    """The parts of a command, and what its values may not be."""

    parts: list[str | Slot]
    limits: list[Limit]
    altered: list[tuple[str, str]]
    """Parameters whose values may not arrive as they are; with where, and what to write instead."""
    setup: list[str | Slot]
    """What stands before it."""


class CommandError(TemplateError):
    """A refusal; `needs` are the classes of values that could stand there, `parameter` whose value it is."""

    needs: tuple[str, ...] = ()
    parameter: str = ""


def compile_command(
    template: str, values: Mapping[str, Value], shell: str = "sh", *, step: str = "", setup: Setup = NO_SETUP
) -> Compiled:
    """The parts of a command template, read together with what is set up for it.

    Raises `CommandError` where a value would become code, where its place is not sure, for a name that is not among
    `values`, and for text that would not mean in `shell` what it says.
    """
    _refuse_carriage_returns(template)
    refuse_unclosed(template)
    try:
        return _compiled(template, values, shell, step, setup)
    except TemplateError as error:
        raise setup.placed(error) from None


def _compiled(command: str, values: Mapping[str, Value], shell: str, step: str, setup: Setup) -> Compiled:
    template, begins = setup.around(command), len(setup.before)
    text, offsets, placeholders = with_holes(template)
    bash, holds_values = shell == "bash", bool(placeholders) or "OPSIMATE_" in text
    places = {at: Place(placeholder.name) for at, placeholder in placeholders.items()}
    names = [place.name for place in places.values()]
    check = Invocations(places, {**dict.fromkeys(names, Value()), **values}, bash)
    try:
        try:
            program = read_shell(text, offsets, places, bash=bash)
        except Refusal as refusal:
            if holds_values or isinstance(refusal, BashWord | Unreadable):
                raise
            program = []  # a command without values is the shell's affair where ours is not sure of it
        for at, placeholder in placeholders.items():
            if places[at].quoting != ["comment"]:
                require_known(template, placeholder, values.keys())
        if holds_values:
            check.check(program)
    except Refusal as refusal:
        raise _error(template, refusal, places, values) from None
    altered = [
        (places[at].name, str(TemplateError.at(command, at - begins, _for(places[at].name, advice))))
        for at, advice in sorted(check.altered)
        if at >= begins
    ]
    return Compiled(
        _parts(command, places, begins),
        _limits(check.limits, lambda at: f"{step}{setup.where(command, at)}"),
        altered,
        _parts(setup.before, places),
    )


def _error(template: str, refusal: Refusal, places: Mapping[int, Place], values: Mapping[str, Value]) -> CommandError:
    message, hole = refusal.message, places.get(refusal.at)
    name = refusal.name or (hole.name if hole else "")
    if name:
        message = _for(name, message)
        if not message.startswith(("this may", "in this")):
            message = f"{{{{ {name} }}}} cannot stand here: {message}"
        if refusal.needs:
            message += f"; or {cure(refusal.needs, name, values)}"
    place = TemplateError.at(template, min(refusal.at, len(template)), message)
    error = CommandError(message, place.line, place.column)
    error.needs, error.parameter = refusal.needs, name
    return error


def _for(name: str, advice: str) -> str:
    """Advice that speaks of `x`, for the parameter that it is about."""
    return advice.replace("{{ x }}", f"{{{{ {name} }}}}").replace("OPSIMATE_PARAM_x", variable_name(name))


def _refuse_carriage_returns(template: str) -> None:
    position = template.find("\r")
    if position >= 0:
        message = (
            "a carriage return stands within this line, which the shell takes for a part of a word: "
            "end lines with LF, and write printf '\\r' for one that is meant"
        )
        raise TemplateError.at(template, position, message)


def with_holes(template: str) -> tuple[str, list[int], dict[int, Placeholder]]:
    """The text with a hole for every placeholder, where each character stands in the template, and the placeholders
    by the position of their hole there.
    """
    if HOLE in template:
        raise TemplateError.at(template, template.index(HOLE), "a command cannot hold a NUL character")
    text: list[str] = []
    offsets: list[int] = []
    placeholders: dict[int, Placeholder] = {}
    for piece in split(template):
        if isinstance(piece, Placeholder):
            placeholders[piece.start] = piece
            text.append(HOLE)
            offsets.append(piece.start)
        else:
            text.append(piece.text)
            offsets += piece.offsets
    return "".join(text), offsets, placeholders


def _parts(template: str, places: Mapping[int, Place], begins: int = 0) -> list[str | Slot]:
    """Slots, and the text between them; a placeholder in a comment is text. Places count from before the template."""
    parts: list[str | Slot] = []
    for piece in split(template):
        place = places[begins + piece.start] if isinstance(piece, Placeholder) else None
        part = Slot(**vars(place)) if place and place.quoting[-1] != "comment" else piece.text
        if parts and isinstance(parts[-1], str) and isinstance(part, str):
            parts[-1] += part
        elif part:
            parts.append(part)
    return parts


def _limits(found: set[tuple[str, LimitKind, str, int]], where: Callable[[int], str]) -> list[Limit]:
    first: dict[tuple[str, LimitKind, str], int] = {}
    for name, kind, text, at in sorted(found, key=lambda limit: (limit[3], limit)):
        first.setdefault((name, kind, text), at)
    return [Limit(parameter=name, kind=kind, text=text, where=where(at)) for (name, kind, text), at in first.items()]
