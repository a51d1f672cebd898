"""Placeholders of other products in an alert rule: nothing fills them in here, so they would be run as text."""

import re
from collections.abc import Iterator

_BRACES = re.compile(r"(?P<backslashes>\\*)(?P<text>\{\{-?(?P<inside>[^{}]*)(?:\}\})?)")
_IN_BRACES = re.compile(
    r"(?:\$|(?<![\w)\]\"'])\.)"
    r"(?:(?:common|group|external)?(?P<map>labels|annotations)\b(?:(?:\.|\[[\"']?|\s+[\"'])(?P<name>[A-Za-z_][\w.-]*))?"
    r"|(?P<field>\w+))",
    re.IGNORECASE,
)
_WITHOUT_BRACES = re.compile(
    r"\$\{?\s*(?:alert\.)?(?P<map>labels|annotations)(?:\.|\[[\"'])(?P<name>\w(?:[\w.-]*\w)?)[\"'\]\s}]*"
    r"|\$\{\s*alert\.(?P<field>\w+)\s*\}"
)
_FIELDS = {
    "alertname": "labels.alertname",
    "status": "status",
    "startsat": "starts_at",
    "fingerprint": "fingerprint",
    "generatorurl": "url",
    **dict.fromkeys(("value", "values", "valuestring", "alerts", "endsat", "receiver"), "annotations.NAME"),
}
"""What is written here for the fields of Prometheus, Alertmanager and Grafana templates: most have to be put into an
annotation first."""


def foreign_placeholders(text: str) -> Iterator[tuple[str, str]]:
    """Each placeholder in the way of Prometheus, Alertmanager or Grafana (`{{ $labels.x }}`, `{{ .Labels.x }}`,
    `{{ $value }}`, `$labels.x`, `${labels.x}`), and what to write for it.

    Other programs' templates, such as docker's `{{.Names}}`, and braces behind a backslash are none.
    """
    for braces in _BRACES.finditer(text):
        fields = [field for found in _IN_BRACES.finditer(braces["inside"]) if (field := _field_of(found))]
        if fields and len(braces["backslashes"]) % 2 == 0:
            yield braces["text"].strip(), f"write {{{{ alert.{fields[0]} }}}}, or \\{{{{ for plain braces"
    for found in _WITHOUT_BRACES.finditer(_BRACES.sub("", text)):
        field = found["field"] or _field_of(found)
        yield found[0].strip(), f"write {{{{ alert.{field} }}}}; what is meant so can be a default of the action"


def _field_of(found: re.Match[str]) -> str:
    """What an alert has for a name in another product's template; nothing where the name is no alert's."""
    if found["map"]:
        return f"{found['map'].lower()}.{found['name'] or 'NAME'}"
    return _FIELDS.get(found["field"].lower(), "")
