"""The catalog service: wires it, and runs it in a process of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI

from catalog.api import (
    actions,
    alert_rules,
    alerts,
    approvals,
    audit,
    calendar,
    definition_plans,
    events,
    inventories,
    notifications,
    pools,
    run_requests,
    runs,
    schedules,
    sessions,
    statistics,
    templates,
    tokens,
)
from catalog.api.context import CatalogContext, install_refusals
from catalog.api.definitions import definitions_router, provider_router
from catalog.api.pages import Console, Pages, installed_console
from catalog.domain.sign_in import FailedSignIns
from catalog.handlers.actions import list_stored
from catalog.handlers.audit import enter_all
from catalog.handlers.checks import CheckContext, analyse_stored
from catalog.handlers.definitions import Definitions
from catalog.handlers.estimates import Estimates
from catalog.handlers.notifications import ChannelTests
from catalog.handlers.owned_definitions import DefinitionsWithOwned
from catalog.handlers.plans import Planner
from catalog.handlers.providers import ProviderTests
from catalog.handlers.rule_trials import RuleTrials
from catalog.handlers.sessions import SessionLimits, Sessions, remove_expired
from catalog.handlers.subscribers import Subscribers
from catalog.handlers.tokens import ensure_administrator
from shared.admission import Tokens
from shared.application import application
from shared.bus.port import Bus, Subscription, publish_or_leave
from shared.bus.topology import catalog_instance_queue
from shared.contracts.channel import ChannelTested
from shared.contracts.definition import DefinitionsChanged
from shared.contracts.model import Message
from shared.contracts.provider import ProviderTested
from shared.contracts.rule_trial import RulesTried
from shared.contracts.run import RunsProgressed
from shared.kinds import KINDS, MAINTENANCE_WINDOW, SCHEDULE, Kind
from shared.loops import Loop
from shared.own_definitions import OWNED, owns_a_schedule
from shared.service import Runtime, run_service
from shared.store.port import Document

ANALYSE_EVERY = 30.0
"""Seconds between two searches for actions that another release has stored without an analysis."""
AUDIT_EVERY = 5.0
"""Seconds between two searches for changes without an entry in the audit: those of a catalog that died."""
REMOVE_EXPIRED_EVERY = 600.0
"""Seconds between two searches for sessions that are over."""


class Catalog:
    """Owns definitions and tokens, takes what people and programs ask for, and shows them what became of it."""

    name = "catalog"

    def __init__(self, runtime: Runtime, console: Console) -> None:
        # What is called most comes first: a call is compared with one route after the other.
        self.routers: Sequence[APIRouter] = [
            run_requests.router,
            runs.router,
            approvals.router,
            events.router,
            events.stream_router,
            provider_router,
            notifications.channel_router,
            alert_rules.router,
            schedules.router,
            *(definitions_router(kind) for kind in KINDS.values()),
            definition_plans.router,
            inventories.router,
            tokens.master_keys_router,
            *(noun.router for noun in (actions, templates, alerts, notifications, calendar, pools, statistics)),
            *(noun.router for noun in (tokens, sessions, audit)),
        ]
        self._runtime = runtime
        self._pages = Pages(console)
        self._auditing = Loop("audit", self._enter, interval=AUDIT_EVERY)
        self._context = _context(runtime, self._auditing.hurry)
        self._subscription: Subscription | None = None
        self._stopping = asyncio.Event()
        self._ending: asyncio.Task[None] | None = None
        self._removal = Loop("sessions", self._remove_expired, interval=REMOVE_EXPIRED_EVERY)
        self._loops = (Loop("analysis", self._analyse, interval=ANALYSE_EVERY), self._removal, self._auditing)

    def provide(self, app: FastAPI) -> None:
        """What the endpoints need, and how refusals are answered."""
        app.state.catalog = self._context
        app.state.authenticator = _sessions(self._runtime, app.state.tokens)
        app.state.failed_sign_ins = FailedSignIns()
        self._stopping = app.state.stopping
        install_refusals(app)
        app.router.default = self._pages

    async def start(self) -> None:
        """See to it that somebody can administer, and listen for news of runs and of providers."""
        await ensure_administrator(
            Tokens(self._runtime.store, self._runtime.clock), self._runtime.settings.admin_token_file
        )
        queue = catalog_instance_queue(self._runtime.instance)
        self._subscription = await self._runtime.bus.subscribe(queue, self._receive)
        # Not of the analysis: a turn may take minutes where an upgrade left thousands of actions to it.
        self._runtime.health.pulses |= {f"catalog.{loop.name}": loop.pulse for loop in (self._removal, self._auditing)}
        for loop in self._loops:
            loop.start()
        self._ending = asyncio.create_task(self._let_go(), name="catalog viewers")

    async def stop(self) -> None:
        """End the event streams, whose viewers go on elsewhere, and listen no more."""
        self._context.subscribers.close()
        for loop in self._loops:
            await loop.stop()
        await self._context.planner.conditions.close()
        if self._ending is not None:
            self._ending.cancel()
            await asyncio.gather(self._ending, return_exceptions=True)
        if self._subscription is not None:
            await self._subscription.cancel()

    async def _let_go(self) -> None:
        await self._stopping.wait()
        self._context.subscribers.close()
        self._context.provider_tests.close()
        self._context.channel_tests.close()

    async def _analyse(self) -> None:
        """Work out what another release has not stored beside its definitions."""
        await list_stored(self._runtime.store)
        await analyse_stored(self._runtime.store)

    async def _enter(self) -> None:
        await enter_all(self._runtime.store, self._runtime.clock)

    async def _remove_expired(self) -> None:
        await remove_expired(self._runtime.store, self._runtime.clock())

    async def _receive(self, message: Message) -> None:
        if isinstance(message, RunsProgressed):
            self._context.subscribers.wake(message.run_ids)
        elif isinstance(message, ProviderTested):
            self._context.provider_tests.answered(message)
        elif isinstance(message, ChannelTested):
            self._context.channel_tests.answered(message)
        elif isinstance(message, RulesTried):
            self._context.rule_trials.answered(message)


def _telling(
    bus: Bus, kind: Kind[Any], enter_soon: Callable[[], None]
) -> Callable[[Document, Document | None], Awaitable[None]]:
    """What has a change entered in the audit, and tells the schedulers of it, where they have to hear of it soon."""

    async def tell(version: Document, before: Document | None) -> None:
        enter_soon()
        if kind in (SCHEDULE, MAINTENANCE_WINDOW) or owns_a_schedule(version) or owns_a_schedule(before or {}):
            await publish_or_leave(bus, DefinitionsChanged(word=kind.word, names=[version["name"]]))

    return tell


def _sessions(runtime: Runtime, tokens: Tokens) -> Sessions:
    settings = runtime.settings
    limits = SessionLimits(timedelta(seconds=settings.session_unused), timedelta(seconds=settings.session_longest))
    return Sessions(runtime.store, tokens, runtime.clock, limits)


def _context(runtime: Runtime, enter_soon: Callable[[], None]) -> CatalogContext:
    store, clock, settings = runtime.store, runtime.clock, runtime.settings
    sealer, provider_tests = settings.sealer(), ProviderTests(runtime.bus, runtime.instance)
    check_context = CheckContext(store, sealer, allow_local=settings.allow_local)
    return CatalogContext(
        store=store,
        bus=runtime.bus,
        sealer=sealer,
        clock=clock,
        subscribers=Subscribers(store),
        provider_tests=provider_tests,
        channel_tests=ChannelTests(runtime.bus, runtime.instance),
        rule_trials=RuleTrials(runtime.bus, runtime.instance, runtime.settings.sealer()),
        planner=Planner(store, sealer, clock, provider_tests),
        estimates=Estimates(store, clock),
        definitions={
            word: (DefinitionsWithOwned if word in OWNED else Definitions)(
                kind, check_context, clock, tell=_telling(runtime.bus, kind, enter_soon)
            )
            for word, kind in KINDS.items()
        },
        check_context=check_context,
        enter_soon=enter_soon,
    )


def build(runtime: Runtime) -> Catalog:
    """The service in this process."""
    return Catalog(runtime, installed_console())


def main() -> None:
    """Run the catalog until it is told to stop."""
    run_service(
        "catalog",
        build,
        listen="127.0.0.1:8080",
        make_application=partial(application, title="OpsiMate Actions: catalog"),
    )
