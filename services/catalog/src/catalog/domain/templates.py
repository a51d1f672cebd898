"""Templates: ready-made actions to copy from, each a YAML file in ``catalog/templates`` that is read when asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import Field

from shared.contracts.action import ActionDefinition
from shared.contracts.definition import Strict
from shared.contracts.parameter import Parameter, ParameterValue
from shared.contracts.problem import FieldError, nearest
from shared.contracts.values import Description, Name, Title
from shared.runs.binding import typed_value

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Service Management": ("service-restart", "service-status-check", "service-log-collection"),
    "System Maintenance": ("disk-cleanup", "memory-management", "update-system-packages"),
    "Diagnostics": ("health-check", "network-diagnostics", "performance-analysis"),
    "Recovery": ("database-recovery", "application-reset", "failover-activation"),
}
"""The names of all templates by the group in which they are shown, in that order."""
NAMES = tuple(name for names in GROUPS.values() for name in names)


@dataclass(frozen=True)
class Template:
    """A ready-made action."""

    group: str
    action: ActionDefinition

    @property
    def name(self) -> str:
        """Its name, which is also that of its action."""
        return self.action.name


class TemplateUse(Strict):
    """What is to be another way in the action than in its template."""

    name: Annotated[Name, Field(examples=["restart-nginx"])]
    title: Title | None = None
    description: Description | None = None
    parameters: Annotated[
        dict[str, ParameterValue],
        Field(max_length=100, examples=[{"service": "nginx"}]),
    ] = {}
    """New defaults of parameters, which a run then need not give."""


@cache
def template(name: str) -> Template:
    """The template of this name, which is one of ``NAMES``."""
    text = files("catalog").joinpath("templates", f"{name}.yaml").read_text()
    group = next(group for group, names in GROUPS.items() if name in names)
    return Template(group, ActionDefinition.model_validate(_definition(text)))


def _definition(text: str) -> dict[str, Any]:
    """What the file of a template says.

    A command in it may be a list of texts, which follow each other: so what several steps begin with (functions that
    find out which service manager there is, say) stands once, under ``parts``, and is named in each by an alias.
    """
    import yaml  # whoever uses no template needs none of it

    found: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe
    found.pop("parts", None)
    for step in found["steps"]:
        if isinstance(step["command"], list):
            step["command"] = "".join(step["command"])
    return found


def copy_of(original: Template, use: TemplateUse) -> tuple[ActionDefinition, list[FieldError]]:
    """The action that is made of a template, and what of that cannot be, on fields ``parameters.NAME``."""
    known = {parameter.name: parameter for parameter in original.action.parameters}
    errors = [
        FieldError(
            field=f"parameters.{name}",
            message=f"the template '{original.name}' has no such parameter{nearest(name, known)}",
        )
        for name in use.parameters
        if name not in known
    ]
    parameters = []
    for parameter in original.action.parameters:
        try:
            parameters.append(_with_default(parameter, use.parameters.get(parameter.name)))
        except ValueError as error:
            errors.append(FieldError(field=f"parameters.{parameter.name}", message=str(error)))
    changes = {
        "name": use.name,
        "title": _title(original, use),
        "description": original.action.description if use.description is None else use.description,
        "parameters": parameters,
    }
    return original.action.model_copy(update=changes), errors


def _title(original: Template, use: TemplateUse) -> str:
    """What the copy is called where nobody says it: by its own name, too, so that two copies can be told apart."""
    if use.title is not None:
        return use.title
    title = original.action.title
    return title if use.name == original.name else f"{title}: {use.name}"


def _with_default(parameter: Parameter, value: ParameterValue | None) -> Parameter:
    if value is None:
        return parameter
    if parameter.type == "secret":
        message = "a secret has no default, which would stand in the action in clear; give it with each run"
        raise ValueError(message)
    return parameter.model_copy(update={"default": typed_value(parameter, value)})
