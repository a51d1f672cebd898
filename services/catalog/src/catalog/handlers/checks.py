"""Whether a definition fits what is stored beside it, by the word of its kind, and the analysis of actions' commands,
beside everything else that the process does. What a definition names is looked up anyway.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import structlog
from pydantic import ValidationError

from catalog.domain.action_analysis import ActionAnalysis
from catalog.domain.alert_rule_check import check_alert_rule, given_references
from catalog.domain.categories import meant_category
from catalog.domain.checks import WARNINGS, check_provider
from catalog.domain.execution_check import own_references
from catalog.domain.given_values import value_references
from catalog.domain.rollout_check import circles_of
from catalog.domain.schedule_check import check_given
from catalog.domain.shell import ANALYSIS
from shared.contracts.action import ActionDefinition
from shared.contracts.alert_rule import AlertRuleDefinition
from shared.contracts.category import CATEGORIES
from shared.contracts.compiled_action import CompiledAction
from shared.contracts.definition import Definition, Reference
from shared.contracts.problem import FieldError, FieldWarning, sentence_of
from shared.contracts.provider import MOST_JUMPS, ProviderDefinition, SshConnection
from shared.contracts.provider_group import DEEPEST_GROUPS, MOST_GROUPS_WITHIN, ProviderGroupDefinition
from shared.contracts.schedule import ScheduleDefinition
from shared.contracts.secret import SecretDefinition
from shared.definitions import Stored, bound_to_secret, compiled_keys, parsed, stored, stored_by_name, stored_of
from shared.encryption import MasterKeyError, Sealer
from shared.kinds import ACTION, PROVIDER, PROVIDER_GROUP, SECRET
from shared.lru_cache import LruCache
from shared.ssh_key_text import KeyTextError, is_plain_key, private_key_block
from shared.store.port import Absent, Changes, Collection, Condition, DocumentStore, Range, pages

PAGE = 200
LONGEST_ANALYSIS = 10.0
"""Seconds for all commands of an action: a hundred times what the longest ones of people take."""
MOST_CATEGORIES = 200
"""That a new one is compared with: those with the most actions."""
ANALYSED_AT_ONCE = 50
"""Definitions read at a time."""

log = structlog.get_logger()


@dataclass(frozen=True)
class CheckContext:
    """What checks go by besides the definition."""

    store: DocumentStore
    sealer: Sealer
    allow_local: bool
    usable_keys: LruCache[bool] = field(default_factory=lambda: LruCache(most=1_000))
    """Keys that were found to open, by the versions of their secrets: to open one is slow on purpose, and many
    providers share one."""


class CheckResult(NamedTuple):
    """What a check found."""

    errors: list[FieldError]
    references: list[Reference] | None = None
    """All that the definition names, where that is more than it tells by itself."""
    beside: Mapping[str, object] | None = None
    """What the check has made of the definition, to be stored beside it."""


async def _provider(provider: ProviderDefinition, context: CheckContext) -> CheckResult:
    """Its secrets hold a key that can be used, its jumps lead somewhere, and its connection is allowed here."""
    errors = check_provider(provider, jumps=await _jumps(provider, context.store), allow_local=context.allow_local)
    if not errors and provider.connection.ssh is not None:
        errors = await _key_errors(provider.connection.ssh, context)
    return CheckResult(errors)


async def _jumps(provider: ProviderDefinition, store: DocumentStore) -> dict[str, SshConnection | None]:
    """The connections of the providers that a jump leads through, as far as they exist."""
    connections: dict[str, SshConnection | None] = {}
    ssh = provider.connection.ssh
    while ssh is not None and ssh.jump is not None and len(connections) <= MOST_JUMPS:
        found = None if ssh.jump in connections else await stored(store, PROVIDER, ssh.jump)
        if found is None:
            break
        connections[found.name] = ssh = found.definition.connection.ssh
    return connections


async def _key_errors(ssh: SshConnection, context: CheckContext) -> list[FieldError]:
    """What is wrong with the key that it logs in with, where its secrets are there."""
    references = {"private_key": ssh.private_key, "passphrase": ssh.passphrase, "certificate": ssh.certificate}
    names = {credential: reference.secret for credential, reference in references.items() if reference is not None}
    secrets = await stored_by_name(context.store, SECRET, names.values())
    if "private_key" not in names or not secrets.keys() >= set(names.values()):
        return []
    versions = " ".join(f"{credential}={secrets[name].version_id}" for credential, name in names.items())
    if context.usable_keys.get(versions):
        return []
    try:
        texts = {
            credential: context.sealer.open(secrets[name].sealed, bound_to=bound_to_secret(name))
            for credential, name in names.items()
        }
    except MasterKeyError:
        return []  # which is told where it is used, and mended by storing the secret anew
    try:
        await asyncio.to_thread(
            _require_readable, texts["private_key"], texts.get("passphrase"), texts.get("certificate")
        )
    except KeyTextError as error:
        at = f"connection.ssh.{error.field}" + (".secret" if error.field in names else "")
        said = f"the secret '{names[error.field]}' {error}" if error.field in names else str(error)
        return [FieldError(field=at, message=said)]
    context.usable_keys.remember(versions, True)
    return []


def _require_readable(private_key: str, passphrase: str | None, certificate: str | None) -> None:
    if passphrase is None and certificate is None and is_plain_key(private_key):
        return
    from shared.ssh_keys import read_private_key  # it takes its time and seven megabytes, and few keys need it

    read_private_key(private_key, passphrase, certificate)


async def _provider_group(group: ProviderGroupDefinition, context: CheckContext) -> CheckResult:
    """It is not in itself, by way of the groups in it, and these are not too many to look through."""
    others: dict[str, ProviderGroupDefinition] = {}
    wanted, depth = set(group.groups), 0
    while wanted:
        depth += 1
        if depth > DEEPEST_GROUPS or len(others) + len(wanted) > MOST_GROUPS_WITHIN:
            return CheckResult([FieldError(field="groups", message=_TOO_MANY_GROUPS)])
        found = await stored_by_name(context.store, PROVIDER_GROUP, wanted)
        others |= {name: one.definition for name, one in found.items() if name != group.name}
        wanted = {name for one in found.values() for name in one.definition.groups} - others.keys() - {group.name}
    return CheckResult(list(circles_of(group, others)))


_TOO_MANY_GROUPS = (
    f"lead through more than {DEEPEST_GROUPS} groups below each other, or to more than {MOST_GROUPS_WITHIN} with those "
    "in them: name the providers themselves in some"
)


async def _secret(secret: SecretDefinition, context: CheckContext) -> CheckResult:
    """A provider that logs in with it needs it to be a private key.

    Whether its passphrase opens it is not looked at: the two can only be changed one after the other.
    """
    provider = None if secret.text is None else await _logs_in_with(secret.name, context.store)
    if provider is not None and secret.text is not None:
        try:
            private_key_block(secret.text)
        except KeyTextError as error:
            message = f"{error}; the provider '{provider}' logs in with it"
            return CheckResult([FieldError(field="value", message=message)])
    return CheckResult([])


async def _logs_in_with(name: str, store: DocumentStore) -> str | None:
    """A provider whose private key the secret is."""
    for document in await store.find(PROVIDER.collection, {SECRET.plural: name}, limit=PAGE):
        ssh = stored_of(PROVIDER, document).definition.connection.ssh
        if ssh is not None and ssh.private_key is not None and ssh.private_key.secret == name:
            return str(document["id"])
    return None


async def _action(action: ActionDefinition, _context: CheckContext) -> CheckResult:
    """Its commands can be compiled."""
    analysis = await analysed(action)
    named = [*action.references(), *own_references(action)]
    return CheckResult(analysis.errors, named, compiled_keys(analysis.compiled))


async def _alert_rule(rule: AlertRuleDefinition, context: CheckContext) -> CheckResult:
    """Its actions take what it gives them."""
    found = await stored_by_name(context.store, ACTION, [response.action for response in rule.responses])
    actions = {name: action.definition for name, action in found.items()}
    return CheckResult(check_alert_rule(rule, actions=actions), list(given_references(rule, actions)))


async def _schedule(schedule: ScheduleDefinition, context: CheckContext) -> CheckResult:
    """Its action takes what it gives it."""
    action = await stored(context.store, ACTION, schedule.action)
    if action is None:
        return CheckResult([])  # which is told where what it names is looked up
    named = value_references(action.definition, schedule.parameters, "parameters")
    return CheckResult(check_given(schedule, action.definition), [*schedule.references(), *named])


STORE_CHECKS: Mapping[str, Callable[[Any, CheckContext], Awaitable[CheckResult]]] = {
    "secret": _secret,
    "provider": _provider,
    "provider_group": _provider_group,
    "action": _action,
    "alert_rule": _alert_rule,
    "schedule": _schedule,
}


async def warnings_of(definition: Definition, stored_as: Stored[Any], context: CheckContext) -> list[FieldWarning]:
    """What the author of a definition that was saved just now is warned of."""
    warn = WARNINGS.get(definition.kind)
    warnings = [] if warn is None else list(warn(definition, stored_as))
    if isinstance(definition, ActionDefinition):
        warnings += await _category_warnings(definition, context.store)
    return warnings


async def _category_warnings(action: ActionDefinition, store: DocumentStore) -> list[FieldWarning]:
    """That its category is a new one and may be another one misspelt: for all else it is silently made."""
    category = action.category
    if category in CATEGORIES:
        return []
    counts = {str(name): count for name, count in (await store.count_by(ACTION.collection, {}, "category")).items()}
    if counts.pop(category, 0) > 1:
        return []
    own = sorted(counts.keys() - {*CATEGORIES}, key=lambda name: (-counts[name], name))
    meant = meant_category(category, [*CATEGORIES, *own[:MOST_CATEGORIES]])
    if meant is None:
        return []
    message = f"'{category}' is a category that no other action is in; did you mean '{meant}'?"
    return [FieldWarning(field="category", message=message)]


async def analysed(action: ActionDefinition) -> ActionAnalysis:
    """The compiled commands of an action, and what is wrong with them.

    A thread does the work, a step at a time, so that whoever else this process serves waits for moments only.
    """
    analysis, began = ActionAnalysis(action), time.monotonic()
    analysis.add_condition()
    for index in range(len(action.steps)):
        if time.monotonic() - began > LONGEST_ANALYSIS:
            message = (
                f"the commands up to here took more than {LONGEST_ANALYSIS:.0f} s to analyse, which is too long: make "
                "them shorter, or keep long ones in script files that get the values as arguments"
            )
            analysis.errors.append(FieldError(field=f"steps.{index}.command", message=message))
            break
        await asyncio.to_thread(analysis.add, index)
    return analysis


async def analyse_stored(store: DocumentStore) -> None:
    """Analyse what another release has stored: versions first, then the actions that point to them.

    What this analysis refuses is marked with the reason, and not run.
    """
    for collection in (ACTION.versions, ACTION.collection):
        for condition in (Absent(), Range(below=ANALYSIS)):
            await _analyse_all(store, collection, condition)


async def _analyse_all(store: DocumentStore, collection: Collection, condition: Condition) -> None:
    async for page in pages(store, collection, {"analysis": condition}, size=ANALYSED_AT_ONCE):
        for document in page:
            where = {"id": document["id"], "version": document["version"]}
            if "definition" not in document:  # a deletion
                await store.change(collection, where, Changes(set={"analysis": ANALYSIS}))
                continue
            compiled = await _compiled(document["definition"])
            if compiled.refusal:
                log.warning("action.refused_now", collection=collection.name, id=document["id"], why=compiled.refusal)
            await store.change(collection, where, Changes(set=compiled_keys(compiled)))


async def _compiled(text: str) -> CompiledAction:
    """What this analysis makes of a stored action, or why it may not be run."""
    try:
        analysis = await analysed(parsed(ActionDefinition, text))
    except ValidationError as error:
        refusal = "; ".join(sentence_of(detail) for detail in error.errors(include_url=False))
        return CompiledAction(analysis=ANALYSIS, refusal=f"this release cannot read it: {refusal}")
    if not analysis.errors:
        return analysis.compiled
    refusal = "; ".join(f"{error.field}: {error.message}" for error in analysis.errors)
    return CompiledAction(analysis=ANALYSIS, refusal=refusal)
