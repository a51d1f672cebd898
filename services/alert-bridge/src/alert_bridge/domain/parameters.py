"""Parameters of a run with values taken from an alert: plain texts, never shell."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from pydantic import JsonValue

from alert_bridge.domain.fields import CUT
from shared.contracts.alert import Alert
from shared.contracts.finding import nearest
from shared.contracts.values import instant_text
from shared.templating import placeholder_names, render_text

_MAPS = {"alert.labels.": "label", "alert.annotations.": "annotation"}


class ParameterRefusedError(ValueError):
    """A parameter has no value for this alert; the text says why, naming the parameter."""


def host_of(instance: str) -> str:
    """The host that a label ``instance`` names: ``web-1:9100``, ``[::1]:9100`` and URLs without all but the host."""
    if "://" in instance:
        instance = urlsplit(instance).netloc.rpartition("@")[2]
    if instance.startswith("["):
        return instance[1:].partition("]")[0]
    host, colon, port = instance.rpartition(":")
    is_address = ":" in host
    return host if colon and port.isdigit() and not is_address else instance


def alert_values(alert: Alert) -> dict[str, str]:
    """What ``{{ alert.… }}`` may name, with its values; only what this alert has."""
    values = {
        "alert.title": alert.title,
        "alert.description": alert.description,
        "alert.severity": alert.severity,
        "alert.status": alert.status,
        "alert.fingerprint": alert.fingerprint,
        "alert.source": alert.source,
        "alert.starts_at": instant_text(alert.starts_at),
        "alert.url": alert.url,
    }
    if "instance" in alert.labels:
        values["alert.host"] = host_of(alert.labels["instance"])
    values |= {f"alert.labels.{name}": value for name, value in alert.labels.items()}
    return values | {f"alert.annotations.{name}": value for name, value in alert.annotations.items()}


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
    for prefix, kind in _MAPS.items():
        if name.startswith(prefix):
            return f"the {kind} '{name.removeprefix(prefix)}', and this alert has no such {kind}"
    return f"{{{{ {name} }}}}, which nothing is known by{nearest(name, list(values))}"
