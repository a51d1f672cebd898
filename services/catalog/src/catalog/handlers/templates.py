"""Templates, listed and shown as they are, and used: copied into a new action, which is then like any other."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

from catalog.domain.templates import NAMES, Template, TemplateUse, copy_of, template
from catalog.handlers.definitions import Definitions, Write
from catalog.handlers.refusals import InvalidError, UnknownError
from shared.contracts.action import ActionDefinition
from shared.contracts.problem import FieldError
from shared.definitions import Stored

_DEFAULT = re.compile(r"parameters\.(\d+)\.default")


async def show_template(name: str) -> Template:
    """The template of this name; ``UnknownError``."""
    if name not in NAMES:
        raise UnknownError("template", name, NAMES)
    return await asyncio.to_thread(template, name)  # the first time a file is read


async def templates_after(name: str | None, limit: int) -> list[Template]:
    """Templates in the order of their groups, those that come after one; ``UnknownError`` where that is none."""
    begin = 0 if name is None else NAMES.index((await show_template(name)).name) + 1
    return [await show_template(found) for found in NAMES[begin : begin + limit]]


async def use_template(
    actions: Definitions[ActionDefinition], name: str, use: TemplateUse, write: Write
) -> tuple[ActionDefinition, Stored[ActionDefinition]]:
    """Make an action of a template: as it was written, and as it is stored.

    ``UnknownError``, ``NameTakenError``, and ``InvalidError`` where a new default cannot be.
    """
    action, errors = copy_of(await show_template(name), use)
    if errors:
        raise InvalidError(errors)
    write = replace(write, note=write.note or f"from the template {name}")
    try:
        return action, await actions.create(action, write)
    except InvalidError as error:
        raise InvalidError(_on_names(error.errors, action)) from error


def _on_names(errors: Sequence[FieldError], action: ActionDefinition) -> list[FieldError]:
    """The same errors, where one of a default is on the parameter's name, as the caller gave it."""

    def field(of: str) -> str:
        found = _DEFAULT.fullmatch(of)
        return of if found is None else f"parameters.{action.parameters[int(found[1])].name}"

    return [FieldError(field=field(error.field), message=error.message) for error in errors]
