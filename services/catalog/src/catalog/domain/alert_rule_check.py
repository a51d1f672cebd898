"""Whether an alert rule can be saved: its actions have to take what the rule gives them, and what is meant as a
placeholder has to be one. Placeholders of other products would be run as text, as nothing fills them in here.
"""

import re
from collections.abc import Iterator, Mapping

from pydantic import JsonValue, ValidationError

from catalog.domain.given_values import secrets_in_clear, value_references
from shared.conditions import ConditionError, check_rule_condition
from shared.contracts.action import ActionDefinition
from shared.contracts.alert import ALERT_FIELDS, ALERT_MAPS, ALERT_SOURCES, known_source
from shared.contracts.alert_match import SourceMatch, as_match
from shared.contracts.alert_rule import AlertRuleDefinition, Response
from shared.contracts.definition import Reference
from shared.contracts.problem import FieldError, field_errors, nearest
from shared.contracts.provider_choice import ProviderChoice, is_choice, texts_in
from shared.placeholders import TemplateError, placeholder_names, refuse_unclosed
from shared.runs.binding import bind

_MEANT = re.compile(r"(?<!\\)(?:\\\\)*(\{\{\s*alert\s*[.\[][^{}]*(?:\}\})?)")
"""What is meant as a placeholder, whether it is one or not: its braces are not escaped."""


def check_alert_rule(rule: AlertRuleDefinition, *, actions: Mapping[str, ActionDefinition]) -> list[FieldError]:
    """Everything that is wrong with a rule that has the right shape, but for names of what is not there."""
    errors = list(_match(rule))
    for index, response in enumerate(rule.responses):
        field = f"responses.{index}"
        if (action := actions.get(response.action)) is not None:
            errors += _under(field, _bound(action, response))
            errors += _under(field, _not_for_rules(action, response))
            errors += _under(field, _choices(action, response))
        errors += _under(field, _placeholders(response))
        errors += _under(field, _defaults(response))
        errors += _under(field, _broken_placeholders(response))
    return errors


def given_references(rule: AlertRuleDefinition, actions: Mapping[str, ActionDefinition]) -> Iterator[Reference]:
    """What a rule names, the providers and secrets included that its actions are given outright."""
    yield from rule.references()
    for index, response in enumerate(rule.responses):
        if (action := actions.get(response.action)) is None:
            continue
        for part, given in (("parameters", response.parameters), ("defaults", response.defaults)):
            plain = {name: value for name, value in given.items() if _is_plain(value)}
            yield from value_references(action, plain, f"responses.{index}.{part}")


def _is_plain(value: JsonValue) -> bool:
    """Whether a value stands as it is, with nothing of an alert's in it."""
    return not is_choice(value) and not (isinstance(value, str) and placeholder_names(value))


def _match(rule: AlertRuleDefinition) -> Iterator[FieldError]:
    yield from _source(rule.source)
    match = rule.match
    # Nothing given is more likely an oversight than the wish to answer every alert there is.
    if (rule.source, match.severity, match.when) == (None, None, None) and "labels" not in match.model_fields_set:
        message = "would be every alert of every source; name labels, severity or a source, or say so: labels: {}"
        yield FieldError(field="match", message=message)
    for label, wanted in match.labels.items():
        for value in as_match(wanted).texts:
            for text in [*_MEANT.findall(value), *(text for text, _ in foreign_placeholders(value))]:
                message = f"'{text.strip()[:80]}' is not filled in here: labels are compared with the text as it stands"
                yield FieldError(field=f"match.labels.{label}", message=message)
    if match.when is not None:
        try:
            check_rule_condition(match.when)
        except ConditionError as error:
            yield FieldError(field="match.when", message=str(error))


def _source(source: SourceMatch | None) -> Iterator[FieldError]:
    if source is None:
        return
    match = as_match(source)
    for text in match.texts:
        try:
            known_source(text)
        except ValueError as error:
            yield FieldError(field="source", message=str(error))
    if not any(match.fits(known) for known in ALERT_SOURCES) and match.regex is not None:
        message = f"matches no source that there is; known are: {', '.join(ALERT_SOURCES)}"
        yield FieldError(field="source.regex", message=message)


def _bound(action: ActionDefinition, response: Response) -> Iterator[FieldError]:
    """What binding says today; values that come from the alert are known only when one arrives."""
    known = {parameter.name for parameter in action.parameters}
    from_alert = {name for name, value in response.parameters.items() if not _is_plain(value) and name in known}
    given = {name: value for name, value in response.parameters.items() if name not in from_alert}
    for error in bind(action, given).errors:
        if error.field.removeprefix("parameters.") not in from_alert:
            yield error
    defaults = {name: value for name, value in response.defaults.items() if name in from_alert}
    for error in bind(action, {**given, **defaults}).errors:
        name = error.field.removeprefix("parameters.")
        if name in defaults:
            yield FieldError(field=f"defaults.{name}", message=error.message)


def _choices(action: ActionDefinition, response: Response) -> Iterator[FieldError]:
    """A provider is chosen in a way that there is, for what takes one."""
    types = {parameter.name: parameter.type for parameter in action.parameters}
    for name, value in response.parameters.items():
        if not isinstance(value, dict) or not is_choice(value) or name not in types:
            continue
        if types[name] != "provider":
            message = f"is of the type {types[name]}: only a parameter of type provider takes {{provider: …}}"
            yield FieldError(field=f"parameters.{name}", message=message)
        try:
            ProviderChoice.model_validate(value["provider"])
        except ValidationError as error:
            for found in field_errors(error.errors()):
                within = "" if found.field == "body" else f".{found.field}"
                yield FieldError(field=f"parameters.{name}.provider{within}", message=found.message)


def _not_for_rules(action: ActionDefinition, response: Response) -> Iterator[FieldError]:
    yield from secrets_in_clear(action, response.parameters, "a rule")
    for parameter in action.parameters:
        if parameter.code and parameter.name in {*response.parameters, *response.defaults}:
            message = "takes code (code: true), which no alert may give"
            yield FieldError(field=f"parameters.{parameter.name}", message=message)


def _placeholders(response: Response) -> Iterator[FieldError]:
    for parameter, value in response.parameters.items():
        for name in (name for text in texts_in(value) for name in placeholder_names(text)):
            if name not in ALERT_FIELDS and not name.startswith(tuple(ALERT_MAPS)):
                known = [*ALERT_FIELDS]
                known += [f"alert.{name}"] if f"alert.{name}".startswith(tuple(ALERT_MAPS)) else []
                hint = nearest(name, known) or f"; known are {', '.join(ALERT_FIELDS)} and labels and annotations"
                message = f"an alert has no '{name}'{hint}"
                yield FieldError(field=f"parameters.{parameter}", message=message)


def _defaults(response: Response) -> Iterator[FieldError]:
    """A default is for what an alert may lack, and stands as it is."""
    for parameter, value in response.defaults.items():
        if _is_plain(response.parameters.get(parameter)):
            message = "is a default for nothing: the parameter of this name takes no value from the alert"
            yield FieldError(field=f"defaults.{parameter}", message=message)
        if not _is_plain(value):
            message = "stands as it is: a default takes no value from the alert"
            yield FieldError(field=f"defaults.{parameter}", message=message)


def _broken_placeholders(response: Response) -> Iterator[FieldError]:
    """What would be passed on as it stands, and was surely meant to be filled in."""
    texts = [(parameter, text) for parameter, given in response.parameters.items() for text in texts_in(given)]
    for parameter, value in texts:
        for text, instead in foreign_placeholders(value):
            message = f"'{text[:80]}' would be passed on as it stands: {instead}"
            yield FieldError(field=f"parameters.{parameter}", message=message)
        try:
            refuse_unclosed(value)
        except TemplateError as error:
            yield FieldError(field=f"parameters.{parameter}", message=str(error))
            continue
        for text in _MEANT.findall(value):
            if not placeholder_names(text):
                message = (
                    f"'{text.strip()[:80]}' is no placeholder: write {{{{ alert.title }}}} or "
                    "{{ alert.labels.NAME }}, with letters, digits, '_', '-' and '.' in NAME (no part of it may begin "
                    "with a digit or '-'); \\{{ stands for plain braces"
                )
                yield FieldError(field=f"parameters.{parameter}", message=message)


def _under(field: str, errors: Iterator[FieldError]) -> list[FieldError]:
    return [FieldError(field=f"{field}.{error.field}", message=error.message) for error in errors]


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
