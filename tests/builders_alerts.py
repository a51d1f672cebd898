"""Builders for alerts: payloads as senders write them, reports, rules, and a bridge to post to."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from fastapi import FastAPI

from alert_bridge.domain.source import Batch, ReceivedDelivery, Report, Source
from alert_bridge.main import build
from shared.admission import Tokens
from shared.alerts import stored_alert_of
from shared.application import application
from shared.bus.memory import MemoryBus
from shared.bus.port import Bus
from shared.clock import Clock, new_id, utc_now
from shared.collections import ALERTS, RUNS, SECRETS
from shared.contracts.action import ActionDefinition
from shared.contracts.alert import Alert, StoredAlert
from shared.contracts.alert_rule import AlertRuleDefinition
from shared.contracts.definition import Definition
from shared.contracts.principal import TokenDefinition
from shared.contracts.provider import ProviderDefinition
from shared.contracts.run import Run
from shared.contracts.secret import SecretMetadata
from shared.definitions import bound_to_secret, compiled_keys, definition_document, version_of
from shared.encryption import Sealer, master_key_from, new_master_key
from shared.kinds import KINDS
from shared.service import Runtime, Service
from shared.settings import Settings
from shared.store import DocumentStore
from tests.builders import NOON, compiled

TOKEN = "opsimate_for-alerts"
MASTER_KEY = new_master_key()
SEALER = Sealer(master_key_from(MASTER_KEY))
"""Of every bridge here."""
STARTED = "2026-01-31T11:58:00Z"


def an_alertmanager_alert(**fields: Any) -> dict[str, Any]:
    """One alert as Alertmanager writes it, firing on web-1."""
    return {
        "status": "firing",
        "labels": {"alertname": "NginxDown", "severity": "critical", "env": "prod", "instance": "web-1:9100"},
        "annotations": {"summary": "nginx is down on web-1"},
        "startsAt": STARTED,
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus:9090/graph?g0.expr=up",
        "fingerprint": "1a30ba71cca2921f",
        **fields,
    }


def an_alertmanager_message(*alerts: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """What Alertmanager posts for a group of these alerts, or of one."""
    return {
        "version": "4",
        "groupKey": '{}:{alertname="NginxDown"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "opsimate",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager:9093",
        "alerts": list(alerts) or [an_alertmanager_alert()],
        **fields,
    }


def a_generic_alert(**fields: Any) -> dict[str, Any]:
    """One alert in our own fields, firing on web-1."""
    return {
        "title": "nginx is down on web-1",
        "severity": "critical",
        "fingerprint": "nginx-down/web-1",
        "labels": {"alertname": "NginxDown", "env": "prod", "instance": "web-1"},
        "starts_at": STARTED,
        **fields,
    }


def read(source: Source, payload: Any, *, at: datetime = NOON) -> Batch:
    """What a source makes of a body: of these bytes, or of this as JSON."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return source.read(ReceivedDelivery(body, {}, at))


def read_one(source: Source, payload: Any, *, at: datetime = NOON) -> Alert:
    """The only alert in a body."""
    (report,) = read(source, payload, at=at).reports
    return report.alert


def an_alert(**fields: Any) -> Alert:
    """A normalised alert that fires on web-1."""
    known = {
        "source": "alertmanager",
        "event_id": "e1",
        "fingerprint": "f1",
        "status": "firing",
        "severity": "critical",
        "title": "nginx is down on web-1",
        "labels": {"alertname": "NginxDown", "env": "prod", "instance": "web-1:9100"},
        "starts_at": NOON,
    }
    return Alert.model_validate(known | fields)


def a_report(*, start_known: bool = True, event_known: bool = False, **fields: Any) -> Report:
    """A report of such an alert."""
    return Report(an_alert(**fields), start_known=start_known, event_known=event_known)


def a_rule(name: str = "nginx-down", *, labels: Mapping[str, Any] | None = None, **fields: Any) -> AlertRuleDefinition:
    """A rule for these labels, or for NginxDown, that restarts on the alert's host."""
    severity, when = fields.pop("severity", None), fields.pop("when", None)
    response = {"action": "restart", "parameters": {"host": "{{ alert.host }}"}}
    return AlertRuleDefinition.model_validate(
        {
            "name": name,
            "match": {"labels": labels or {"alertname": "NginxDown"}, "severity": severity, "when": when},
            "responses": [response],
            **fields,
        }
    )


def restart() -> ActionDefinition:
    """The action that such a rule runs: it takes a provider, and a service by pattern."""
    return ActionDefinition.model_validate(
        {
            "name": "restart",
            "parameters": [
                {"name": "host", "type": "provider", "required": True},
                {"name": "service", "pattern": "[a-z]+", "default": "nginx"},
            ],
            "steps": [{"name": "restart", "provider": "{{ host }}", "command": "systemctl restart {{ service }}"}],
        }
    )


def a_provider(name: str = "web-1") -> ProviderDefinition:
    """A machine."""
    connection = {"ssh": {"host": "10.0.0.11", "user": "deploy", "password": {"secret": "deploy"}}}
    return ProviderDefinition.model_validate({"name": name, "connection": connection})


async def save(store: DocumentStore, definition: Definition) -> None:
    """Store a definition as the catalog does."""
    beside = compiled_keys(compiled(definition)) if isinstance(definition, ActionDefinition) else None
    head = definition_document(definition, uid=new_id(), by="admin", at=NOON, beside=beside)
    kind = KINDS[definition.kind]
    await store.insert(kind.versions, version_of(head))
    await store.insert(kind.collection, head)


async def save_secret(store: DocumentStore, name: str) -> None:
    """Store a secret with ``value of NAME`` as its value, unless it is there."""
    if not await store.get(SECRETS, name):
        sealed = SEALER.seal(f"value of {name}", bound_to=bound_to_secret(name))
        document = definition_document(SecretMetadata(name=name), uid=new_id(), by="admin", at=NOON, sealed=sealed)
        await store.insert(SECRETS, document)


async def save_all_for_nginx(store: DocumentStore) -> None:
    """The action, its provider and the rule, so that NginxDown on web-1 leads to a run."""
    for definition in (restart(), a_provider(), a_rule()):
        await save(store, definition)


async def save_all_for_every_alert(store: DocumentStore, **of_response: Any) -> None:
    """A token that may post, and a rule that runs something for every alert there is."""
    await save_token(store)
    await save(store, a_provider())
    step = {"name": "mark", "provider": "web-1", "command": "echo {{ what }}"}
    action = {"name": "mark", "parameters": [{"name": "what"}], "steps": [step]}
    await save(store, ActionDefinition.model_validate(action))
    response = {"action": "mark", "parameters": {"what": "{{ alert.title }}"}, **of_response}
    rule = {"name": "all", "match": {"labels": {}}, "responses": [response]}
    await save(store, AlertRuleDefinition.model_validate(rule))


async def all_alerts(store: DocumentStore) -> list[StoredAlert]:
    """Every episode there is, the oldest first."""
    return [stored_alert_of(document) for document in await store.find(ALERTS, {}, limit=1_000)]


async def the_alert(store: DocumentStore) -> StoredAlert:
    """The only episode there is."""
    (alert,) = await all_alerts(store)
    return alert


async def all_runs(store: DocumentStore) -> list[Run]:
    """Every run there is."""
    return [Run.model_validate(document) for document in await store.find(RUNS, {}, limit=1_000)]


class Hands:
    """A clock whose hands the test moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> Any:
        return self.now


@dataclass
class RunningBridge:
    """An alert-bridge that is served in this process."""

    service: Service
    """Not started: nothing sweeps unless the test says so."""
    app: FastAPI
    client: httpx.AsyncClient

    async def post(self, payload: Any, source: str = "alertmanager") -> httpx.Response:
        """Post a body, or anything else as JSON, with a token that may."""
        content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        return await self.client.post(f"/webhooks/{source}", content=content)


@asynccontextmanager
async def a_bridge(
    store: DocumentStore, bus: Bus | None = None, *, clock: Clock = utc_now
) -> AsyncIterator[RunningBridge]:
    """An alert-bridge on an open store, with its HTTP face; its sweep is left to the test."""
    if bus is None:
        bus = MemoryBus()
        await bus.open()
    settings = Settings.model_validate({"listen": "127.0.0.1:0", "master_key": MASTER_KEY})
    runtime = Runtime(settings, store, bus, clock=clock)
    service = build(runtime)
    app = application(runtime, [service], title="alert-bridge")
    transport = httpx.ASGITransport(app)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://bridge", headers=headers) as client:
        yield RunningBridge(service, app, client)


async def save_token(
    store: DocumentStore, *, name: str = "alertmanager", token: str = TOKEN, role: str = "alerts"
) -> None:
    """A token that may post alerts."""
    await Tokens(store).create(TokenDefinition.model_validate({"name": name, "role": role}), token)
