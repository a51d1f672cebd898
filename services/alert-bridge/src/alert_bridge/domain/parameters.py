"""Parameters of a run with values taken from an alert: plain texts, never shell."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from alert_bridge.domain.fields import CUT
from shared.contracts.alert import ALERT_MAPS
from shared.contracts.finding import nearest
from shared.templating import placeholder_names, render_text


class ParameterRefusedError(ValueError):
    """A parameter has no value for this alert; the text says why, naming the parameter."""


def bound_parameters(
    parameters: Mapping[str, JsonValue], values: Mapping[str, str], defaults: Mapping[str, JsonValue] | None = None
) -> dict[str, JsonValue]:
    """The parameters with the alert's values in place; ``ParameterRefusedError`` for all that cannot be.

    A parameter that names something the alert has not, or only as an empty text, gets its default where there is
    one. Only texts are filled in. An object, such as the reference to a secret, stays as the rule's author wrote it:
    no alert may choose a secret.
    """
    bound: dict[str, JsonValue] = {}
    refused: list[str] = []
    for name, value in parameters.items():
        if not isinstance(value, str):
            bound[name] = value
        elif defaults and name in defaults and any(not values.get(used) for used in placeholder_names(value)):
            bound[name] = defaults[name]
        else:
            lacking = list(_lacking(name, value, values))
            refused += lacking
            bound[name] = value if lacking else render_text(value, values)
    if refused:
        raise ParameterRefusedError("; ".join(refused))
    return bound


def _lacking(parameter: str, template: str, values: Mapping[str, str]) -> Iterator[str]:
    for name in placeholder_names(template):
        if name not in values:
            yield f"the parameter '{parameter}' needs {_missing(name, values)}"
        elif values[name].endswith(CUT):
            yield f"the parameter '{parameter}' needs {{{{ {name} }}}}, which was too long to be kept whole"


def _missing(name: str, values: Mapping[str, str]) -> str:
    if name == "alert.host":
        return "the label 'instance' for {{ alert.host }}, and this alert has no such label"
    for prefix in ALERT_MAPS:
        if name.startswith(prefix):
            kind = prefix.split(".")[1].removesuffix("s")
            return f"the {kind} '{name.removeprefix(prefix)}', and this alert has no such {kind}"
    return f"{{{{ {name} }}}}, which nothing is known by{nearest(name, list(values))}"
