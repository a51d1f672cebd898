"""What one definition by itself tells to be wrong, or to be warned of: by the word of its kind. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from catalog.domain.action_check import analysed_at_once, check_action
from catalog.domain.warnings import action_warnings, secret_warnings
from shared.contracts.alert import known_source
from shared.contracts.integration import IntegrationDefinition
from shared.contracts.problem import FieldError, FieldWarning
from shared.definitions import Stored


def _check_integration(integration: IntegrationDefinition) -> Iterator[FieldError]:
    """Its source is one that is known."""
    try:
        known_source(integration.source)
    except ValueError as error:
        yield FieldError(field="source", message=str(error))


OWN_CHECKS: Mapping[str, Callable[[Any], Iterable[FieldError]]] = {
    "action": check_action,
    "integration": _check_integration,
}
"""The command line asks these, too, before it sends anything. Whether what a definition names is there is asked for
every kind alike, and what else needs the store is in ``handlers.checks``."""
LONG_CHECKS: Mapping[str, Callable[[Any], Iterable[FieldError]]] = {
    "action": lambda action: analysed_at_once(action).errors,
}
"""The same for what takes its time: the catalog does it beside everything else, see ``handlers.analysis``."""
WARNINGS: Mapping[str, Callable[[Any, Stored[Any]], Iterable[FieldWarning]]] = {
    "action": action_warnings,
    "secret": secret_warnings,
}
"""Of what was written and how it is stored."""
