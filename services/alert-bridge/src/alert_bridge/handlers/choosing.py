"""The providers that rules have chosen by what an alert says: of each choice exactly one, or none and why."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue, ValidationError

from alert_bridge.domain.decisions import ParameterRefusedError
from shared.contracts.alert import host_of
from shared.contracts.presentation import natural_order
from shared.contracts.problem import sentence_of
from shared.contracts.provider_choice import ProviderChoice, is_choice
from shared.kinds import PROVIDER
from shared.store.port import DocumentStore, pages

MOST_NAMED = 5
"""Providers in a sentence."""


async def with_providers(store: DocumentStore, parameters: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The parameters, with the names of the providers that are chosen; ``ParameterRefusedError`` where not one is."""
    chosen = dict(parameters)
    for name, value in parameters.items():
        if isinstance(value, dict) and is_choice(value):
            try:
                choice = ProviderChoice.model_validate(value["provider"])
            except ValidationError as error:
                why = sentence_of(error.errors()[0])
                message = f"what the alert says for the parameter '{name}' chooses no provider: a text {why}"
                raise ParameterRefusedError(message) from error
            chosen[name] = await _chosen(store, name, choice)
    return chosen


async def _chosen(store: DocumentStore, parameter: str, choice: ProviderChoice) -> str:
    if choice.host is not None:
        choice = ProviderChoice.model_construct(host=host_of(choice.host))
        named = await store.get(PROVIDER.collection, str(choice.host))
        if named is not None:
            return str(named["id"])
    found = [
        str(document["id"])
        async for page in pages(store, PROVIDER.collection, {})
        for document in page
        if _fits(json.loads(document["definition"]), choice)
    ]
    if len(found) == 1:
        return found[0]
    message = f"the parameter '{parameter}' needs one provider, and {_found(sorted(found, key=natural_order), choice)}"
    raise ParameterRefusedError(message)


def _fits(provider: Mapping[str, Any], choice: ProviderChoice) -> bool:
    if choice.labels is not None:
        labels = provider.get("labels") or {}
        return all(labels.get(name) == text for name, text in choice.labels.items())
    ssh = provider["connection"].get("ssh") or {}
    return choice.host is not None and str(ssh.get("host", "")).lower() == choice.host.lower()


def _found(names: list[str], choice: ProviderChoice) -> str:
    if choice.labels is not None:
        labels = ", ".join(f"{name}={text}" for name, text in choice.labels.items())
        none, several = f"none has the labels {labels}", f"{len(names)} have the labels {labels}"
    else:
        none = f"none is called '{choice.host}', or connected to at this host"
        several = f"{len(names)} are connected to at the host '{choice.host}'"
    if not names:
        return none
    more = "" if len(names) <= MOST_NAMED else f" and {len(names) - MOST_NAMED} more"
    return f"{several}: {', '.join(names[:MOST_NAMED])}{more}"
