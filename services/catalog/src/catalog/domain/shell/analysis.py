"""From the commands of an action to their parts, or to what is wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.domain.shell.dialect import altered_values, refuse_bash_words
from catalog.domain.shell.grammar import read_shell
from catalog.domain.shell.invocations import Invocations
from catalog.domain.shell.judge import Judge
from catalog.domain.shell.tree import HOLE, Notes, Refusal
from catalog.domain.shell.values import Value, cure
from shared.commands import variable_name
from shared.contracts.command import Limit, LimitKind, Slot
from shared.placeholders import Placeholder, TemplateError, refuse_unclosed, require_known, split

ANALYSIS = 1
"""The number of this analysis: one more with every change that makes it stricter, or its parts others."""


@dataclass
class Compiled:
    """The parts of a command, and what its values may not be."""

    parts: list[str | Slot]
    limits: list[Limit]
    altered: list[tuple[str, str]]
    """Parameters whose values may not arrive as they are; with where, and what to write instead."""


class CommandError(TemplateError):
    """A refusal; `needs` are the classes of values that could stand there, `parameter` whose value it is."""

    needs: tuple[str, ...] = ()
    parameter: str = ""


def compile_command(template: str, values: Mapping[str, Value], shell: str = "sh", *, step: str = "") -> Compiled:
    """The parts of a command template.

    Raises `CommandError` where a value would become code, where its place is not sure, for a name that is not among
    `values`, and for text that would not mean in `shell` what it says.
    """
    text, offsets, placeholders = with_holes(template)
    _refuse_carriage_returns(template)
    refuse_unclosed(template)
    notes, bash, holds_values = Notes(), shell == "bash", bool(placeholders) or "OPSIMATE_" in text
    names = {at: placeholder.name for at, placeholder in placeholders.items()}
    check = Invocations(names, {**dict.fromkeys(names.values(), Value()), **values}, notes)
    try:
        try:
            program = read_shell(text, offsets, notes, bash=bash)
        except Refusal:
            if holds_values:
                raise
            program = []  # a command without values is the shell's affair, as long as it is no bash's
        for at, placeholder in placeholders.items():
            if notes.quotings[at] != ["comment"]:
                require_known(template, placeholder, values.keys())
        if holds_values:
            check.check(program, bash=bash)
        if not bash:
            refuse_bash_words(program, notes.bash_words)
    except Refusal as refusal:
        raise _error(template, refusal, names, values) from None
    altered = [
        (placeholders[at].name, str(TemplateError.at(template, at, _for(placeholders[at].name, advice))))
        for at, advice in altered_values(program, shell)
    ]
    return Compiled(_parts(text, offsets, placeholders, check), _limits(template, step, check), altered)


def _error(template: str, refusal: Refusal, names: Mapping[int, str], values: Mapping[str, Value]) -> CommandError:
    name = refusal.name or names.get(refusal.at, "")
    message = refusal.message
    if name:
        message = _for(name, message)
        if not message.startswith(("this may", "in this")):
            message = f"{{{{ {name} }}}} cannot stand here: {message}"
        if refusal.needs:
            message += f"; or {cure(refusal.needs, name, values)}"
    at = min(refusal.at, len(template))
    before = template[:at]
    error = CommandError(message, before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1)
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


def _parts(
    text: str, offsets: list[int], placeholders: Mapping[int, Placeholder], check: Invocations
) -> list[str | Slot]:
    parts: list[str | Slot] = []
    position = 0
    for literal in text.split(HOLE):
        position += len(literal)
        parts += [literal] if literal else []
        if position < len(text):
            at = offsets[position]
            slot = _slot(at, placeholders[at].name, check)
            parts.append(placeholders[at].text if slot.quoting[-1] == "comment" else slot)
        position += 1
    joined: list[str | Slot] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def _slot(at: int, name: str, check: Judge) -> Slot:
    notes = check.notes
    return Slot(
        name=name,
        quoting=tuple(notes.quotings[at]),
        as_text=check.as_text.get(at),
        alone=notes.alone.get(at, False),
        after_name=at in notes.after_name,
        delimiters=notes.delimiters.get(at, ()),
    )


def _limits(template: str, step: str, check: Judge) -> list[Limit]:
    first: dict[tuple[str, LimitKind, str], int] = {}
    for name, kind, text, at in sorted(check.limits, key=lambda limit: (limit[3], limit)):
        first.setdefault((name, kind, text), at)
    limits = []
    for (name, kind, text), at in first.items():
        before = template[:at]
        where = f"{step}line {before.count(chr(10)) + 1}, column {at - (before.rfind(chr(10)) + 1) + 1}"
        limits.append(Limit(parameter=name, kind=kind, text=text, where=where))
    return limits
