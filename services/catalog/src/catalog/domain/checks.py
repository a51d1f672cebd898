"""What one definition by itself tells to be wrong, or to be warned of: by the word of its kind. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from catalog.domain.action_analysis import analysed_at_once
from catalog.domain.execution_check import check_execution, execution_warnings
from catalog.domain.rollout_check import check_rollouts
from catalog.domain.schedule_check import check_schedule, check_window, schedule_warnings, window_warnings
from shared.contracts.action import LONGEST_TIMEOUT, ActionDefinition, Step
from shared.contracts.alert import SIGNING_SOURCES, known_source
from shared.contracts.integration import IntegrationDefinition
from shared.contracts.parameter import Parameter
from shared.contracts.problem import FieldError, FieldWarning, nearest
from shared.contracts.provider import HOST_ALONE, MOST_JUMPS, ProviderDefinition, SshConnection
from shared.contracts.secret import SecretDefinition, SecretMetadata
from shared.contracts.values import IN_QUOTES, duration_text
from shared.definitions import Stored
from shared.placeholders import TemplateError, placeholder_names, refuse_bare_braces, refuse_unclosed, unknown_names
from shared.runs.binding import typed_value

_PLACEHOLDER = re.compile(r"\s*\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}\s*")


def check_action(action: ActionDefinition) -> list[FieldError]:
    """Everything but its commands that is wrong with an action that has the right shape, each on its field."""
    return [
        *_repeated("parameters", [parameter.name for parameter in action.parameters]),
        *_repeated("steps", [step.name for step in action.steps]),
        *(error for i, parameter in enumerate(action.parameters) for error in _parameter_errors(i, parameter)),
        *(error for i, step in enumerate(action.steps) for error in _step_errors(i, step, action)),
        *(FieldError(field=f"tags.{i}", message="is blank") for i, tag in enumerate(action.tags) if not tag.strip()),
        *_duration_errors(action),
        *_key_errors(action),
        *check_rollouts(action),
        *check_execution(action),
    ]


def _duration_errors(action: ActionDefinition) -> Iterator[FieldError]:
    estimate = action.estimated_duration
    if estimate is not None and estimate > LONGEST_TIMEOUT:
        longest = f"{LONGEST_TIMEOUT:.0f} seconds ({duration_text(LONGEST_TIMEOUT)})"
        message = f"has to be at most {longest}, which is the longest that a run may take"
        yield FieldError(field="estimated_duration", message=message)


def _key_errors(action: ActionDefinition) -> Iterator[FieldError]:
    """What is wrong with the key by which runs share a limit."""
    key, kinds = action.concurrency.key if action.concurrency else "", {one.name: one.type for one in action.parameters}
    try:
        refuse_unclosed(key)
        refuse_bare_braces(key)
    except TemplateError as error:
        yield FieldError(field="concurrency.key", message=str(error))
    for unknown in unknown_names(key, kinds):
        yield FieldError(field="concurrency.key", message=str(unknown))
    for name in placeholder_names(key):
        if kinds.get(name) == "secret":
            message = f"the parameter '{name}' is a secret, which no key can hold: it is shown to whoever sees the run"
            yield FieldError(field="concurrency.key", message=message)


def _repeated(field: str, names: list[str]) -> Iterator[FieldError]:
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if first.setdefault(name, index) != index:
            message = f"'{name}' is the name of {field}.{first[name]} already; each needs its own"
            yield FieldError(field=f"{field}.{index}.name", message=message)


def _parameter_errors(index: int, parameter: Parameter) -> Iterator[FieldError]:
    field = f"parameters.{index}"
    low, high = parameter.minimum, parameter.maximum
    if low is not None and high is not None and low > high:
        yield FieldError(field=f"{field}.minimum", message=f"{low} is more than the maximum, {high}")
        return
    if parameter.default is None:
        return
    if isinstance(parameter.default, float) and parameter.type not in {"integer", "number", "boolean"}:
        yield FieldError(field=f"{field}.default", message=IN_QUOTES)
        return
    try:
        typed_value(parameter, parameter.default)
    except ValueError as error:
        yield FieldError(field=f"{field}.default", message=str(error))


def _step_errors(index: int, step: Step, action: ActionDefinition) -> Iterator[FieldError]:
    first: dict[str, str] = {}
    for name, at in step.named_providers():
        if (error := _provider_error(name, action)) is not None:
            yield FieldError(field=f"steps.{index}.{at}", message=error)
        elif first.setdefault(name, at) != at:
            message = f"'{name}' stands in {first[name]} already; the command runs on each provider once"
            yield FieldError(field=f"steps.{index}.{at}", message=message)
    if step.expect_disconnect is not None and step.on_lost == "rerun":
        message = "cannot be rerun beside expect_disconnect: the machine would be restarted a second time"
        yield FieldError(field=f"steps.{index}.on_lost", message=message)


def _provider_error(name: str, action: ActionDefinition) -> str | None:
    if "{{" not in name:  # a provider's name, which is looked up
        return None
    if (placeholder := _PLACEHOLDER.fullmatch(name)) is not None:
        return _provider_parameter_error(placeholder[1], action)
    return f"'{name[:80]}' is neither a provider's name nor one parameter of type provider, as {{{{ host }}}}"


def _provider_parameter_error(name: str, action: ActionDefinition) -> str | None:
    kinds = {parameter.name: parameter.type for parameter in action.parameters}
    choices = [known for known, kind in kinds.items() if kind == "provider"]
    if name not in kinds:
        return f"there is no parameter '{name}'{nearest(name, choices)}"
    if kinds[name] != "provider":
        return f"the parameter '{name}' is of type {kinds[name]}; a step needs one of type provider"
    return None


_WITH_PORT = re.compile(r"[^:]*:\d+")
"""A host with a port behind it; in an IPv6 address there are more colons."""


def check_provider(
    provider: ProviderDefinition, *, jumps: Mapping[str, SshConnection | None], allow_local: bool
) -> list[FieldError]:
    """Everything that is wrong with a provider that has the right shape, but for names of what is not there.

    ``jumps`` are the connections, by name, that its jump leads through, as far as they exist: none for a provider that
    is not reached over SSH.
    """
    if provider.connection.ssh is None:
        return [] if allow_local else [FieldError(field="connection.local", message=_LOCAL_IS_OFF)]
    with_port = _WITH_PORT.fullmatch(provider.connection.ssh.host)
    return [
        *([FieldError(field="connection.ssh.host", message=HOST_ALONE)] if with_port else []),
        *_jump_errors(provider.name, provider.connection.ssh.jump, jumps),
    ]


_LOCAL_IS_OFF = (
    "providers of kind local are off here, as they let actions run commands on the machines of the product itself; "
    "an administrator allows them with OPSIMATE_ALLOW_LOCAL=true"
)


def _jump_errors(name: str, jump: str | None, jumps: Mapping[str, SshConnection | None]) -> list[FieldError]:
    message = _jump_error(name, jump, jumps)
    return [] if message is None else [FieldError(field="connection.ssh.jump", message=message)]


def _jump_error(name: str, jump: str | None, jumps: Mapping[str, SshConnection | None]) -> str | None:
    path = [name]
    while jump is not None:
        if jump in path:
            return f"the jumps go round in a circle: {' → '.join([*path, jump])}"
        if len(path) > MOST_JUMPS:
            return f"leads through more than {MOST_JUMPS} other providers, which is the most there may be"
        if jump not in jumps:
            own = len(path) == 1  # which is told as every name of what is not there
            return None if own else f"leads through '{path[-1]}' to the provider '{jump}', which is not there"
        connection = jumps[jump]
        if connection is None:
            return f"'{jump}' is not reached over SSH, so nothing can be reached through it"
        path.append(jump)
        jump = connection.jump
    return None


SHORT_SECRET = 6
"""In characters: what is shorter stands in innocent text as well, and is masked there."""


def action_warnings(action: ActionDefinition, stored: Stored[ActionDefinition]) -> list[FieldWarning]:
    """Which parameters of an action take code, where a command of it may alter a value, and what its author may have
    taken otherwise of its schedule.
    """
    parameters = action.parameters
    texts = {parameter.name for parameter in parameters if _may_hold_a_backslash(parameter)}
    code = [
        FieldWarning(
            field=f"parameters.{index}.code",
            message=f"whatever is given for '{parameter.name}' may be run as code; only those may give it a value who "
            "may edit actions, and no alert rule",
        )
        for index, parameter in enumerate(parameters)
        if parameter.code
    ]
    altered = [
        FieldWarning(field=f"steps.{altered.step}.command", message=altered.message)
        for altered in (stored.compiled.altered if stored.compiled else ())
        if altered.parameter in texts
    ]
    return [*code, *altered, *execution_warnings(action, stored.updated_at)]


def _may_hold_a_backslash(parameter: Parameter) -> bool:
    """Whether it is a text that nothing is known of; one that a pattern binds is its author's affair."""
    if parameter.type == "choice":
        return any("\\" in option or option.startswith("-") for option in parameter.options or [])
    return parameter.type in {"string", "secret"} and parameter.pattern is None


def secret_warnings(secret: SecretDefinition, _stored: Stored[SecretMetadata]) -> Iterator[FieldWarning]:
    """Whether masking it would make output unreadable."""
    if secret.text is not None and len(secret.text) < SHORT_SECRET:
        message = (
            f"has fewer than {SHORT_SECRET} characters: where it is the value of a parameter, these are masked "
            "wherever they stand in the output of the command, which may be in any word; take a longer one"
        )
        yield FieldWarning(field="value", message=message)


def _check_integration(integration: IntegrationDefinition) -> Iterator[FieldError]:
    """Its source is one that is known, and one whose senders sign, where a signature lets them in."""
    try:
        known_source(integration.source)
    except ValueError as error:
        yield FieldError(field="source", message=str(error))
        return
    if integration.verify.hmac is not None and integration.source not in SIGNING_SOURCES:
        signing = ", ".join(SIGNING_SOURCES)
        message = f"senders of {integration.source} sign nothing; use token or basic (those that sign are: {signing})"
        yield FieldError(field="verify.hmac", message=message)
    if integration.verify.sns is not None and integration.source != "sns":
        message = f"is how Amazon SNS is known, and this is an integration of {integration.source}; say source: sns"
        yield FieldError(field="verify.sns", message=message)


OWN_CHECKS: Mapping[str, Callable[[Any], Iterable[FieldError]]] = {
    "action": check_action,
    "integration": _check_integration,
    "schedule": check_schedule,
    "maintenance_window": check_window,
}
"""The command line asks these, too, before it sends anything. Whether what a definition names is there is asked for
every kind alike, and what else needs the store is in ``handlers.checks``."""
LONG_CHECKS: Mapping[str, Callable[[Any], Iterable[FieldError]]] = {
    "action": lambda action: analysed_at_once(action).errors,
}
"""The same for what takes its time: the catalog does it beside everything else, see ``handlers.checks``."""
WARNINGS: Mapping[str, Callable[[Any, Stored[Any]], Iterable[FieldWarning]]] = {
    "action": action_warnings,
    "schedule": lambda schedule, stored: schedule_warnings(schedule, stored.updated_at),
    "maintenance_window": lambda window, stored: window_warnings(window, stored.updated_at),
    "secret": secret_warnings,
}
"""Of what was written and how it is stored."""
