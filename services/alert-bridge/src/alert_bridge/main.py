"""The alert-bridge: takes alerts in and asks for runs, and tells channels what became of runs."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from fastapi import APIRouter, FastAPI

from alert_bridge.adapters.published import Publications
from alert_bridge.adapters.reading import ChannelReader, IntegrationReader, RuleReader
from alert_bridge.adapters.refusals import Refusals
from alert_bridge.adapters.sending import ChannelSender
from alert_bridge.domain import alertmanager, generic
from alert_bridge.domain.source import Source
from alert_bridge.domain.sources import (
    azure,
    cloudevents,
    datadog,
    gatus,
    google_cloud,
    grafana,
    healthchecks,
    monit,
    nagios,
    newrelic,
    opsgenie,
    pagerduty,
    pagerduty_events,
    prometheus,
    sentry,
    sns,
    uptime_kuma,
    zabbix,
)
from alert_bridge.handlers.announcements import MOST_HEARD, Announcements
from alert_bridge.handlers.deliveries import forget_old_deliveries
from alert_bridge.handlers.notifications import Deliverer
from alert_bridge.handlers.replays import finish_replays, replay
from alert_bridge.handlers.runs import finish_pending
from alert_bridge.handlers.trials import try_rules
from alert_bridge.handlers.untold import NOTE_EVERY, Untold
from alert_bridge.ports import AlertBridgeContext, NotificationContext
from alert_bridge.webhooks.intake import webhooks_router
from shared.application import application
from shared.bus.port import Subscription
from shared.bus.topology import alert_bridge_queue, notifications_queue
from shared.contracts.channel import TestChannel
from shared.contracts.delivery import ReplayDelivery
from shared.contracts.model import Message
from shared.contracts.notification import SendNotifications
from shared.contracts.rule_trial import TryRules
from shared.loops import Loop
from shared.service import Runtime, Service, run_service

SOURCES: Mapping[str, Source] = {
    module.SOURCE.name: module.SOURCE
    for module in (
        *(alertmanager, generic, grafana, prometheus, uptime_kuma, gatus, healthchecks, zabbix, nagios, monit),
        *(pagerduty_events, cloudevents, datadog, pagerduty, sentry, newrelic, opsgenie, google_cloud, azure, sns),
    )
}
"""A new source is a module of the domain, an entry here, and its name in ``ALERT_SOURCES``."""
LISTEN = "127.0.0.1:8081"
SWEEP_INTERVAL = 5.0
FORGET_INTERVAL = 300.0
DELIVER_INTERVAL = 1.0
"""Seconds."""


class AlertBridge:
    """The service: its webhooks, the sweep of what an ended instance left, and notifications."""

    name = "alert-bridge"

    def __init__(self, runtime: Runtime) -> None:
        self.routers: Sequence[APIRouter] = [webhooks_router(SOURCES)]
        sealer, keep = runtime.settings.sealer(), runtime.settings.keep_deliveries
        self._context = AlertBridgeContext(
            store=runtime.store,
            bus=runtime.bus,
            sealer=sealer,
            clock=runtime.clock,
            rules=RuleReader(runtime.store).read,
            integrations=IntegrationReader(runtime.store, sealer).read,
            sources=SOURCES,
            published=Publications(),
            keep_deliveries=None if keep is None else timedelta(seconds=keep),
        )
        kept = runtime.settings.keep_notifications
        self._notifications = NotificationContext(
            store=runtime.store,
            bus=runtime.bus,
            clock=runtime.clock,
            chance=random.random,
            sender=ChannelSender(ChannelReader(runtime.store, sealer), runtime.clock),
            public_url=runtime.settings.public_url,
            keep=None if kept is None else timedelta(seconds=kept),
        )
        self._deliverer = Deliverer(self._notifications)
        self._delivery = Loop("notifications", self._deliverer.turn, interval=DELIVER_INTERVAL)
        self._announcements = Announcements(self._notifications, self._delivery.hurry)
        self._loops: tuple[Loop, ...] = (
            Loop("alert-sweep", lambda: finish_pending(self._context), interval=SWEEP_INTERVAL),
            Loop("delivery-replays", lambda: finish_replays(self._context), interval=SWEEP_INTERVAL),
            self._delivery,
            Loop("delivery-retention", lambda: forget_old_deliveries(self._context), interval=FORGET_INTERVAL),
        )
        if not runtime.bus.keeps_messages:
            untold = Untold(self._notifications, self._announcements)
            self._loops += (Loop("untold", untold.turn, interval=NOTE_EVERY),)
        self._subscriptions: list[Subscription] = []
        runtime.health.pulses |= {loop.name: loop.pulse for loop in self._loops}

    async def start(self) -> None:
        """Begin to sweep and to hear of replays; webhooks are served with the process's other endpoints."""
        bus = self._context.bus
        self._subscriptions.append(await bus.subscribe(alert_bridge_queue(), self._handle))
        hearing = bus.subscribe(notifications_queue(), self._announcements.hear, prefetch=MOST_HEARD)
        self._subscriptions.append(await hearing)
        for loop in self._loops:
            loop.start()

    async def stop(self) -> None:
        """End what was begun."""
        self._announcements.stop()
        self._deliverer.stop_soon()
        await asyncio.gather(*(subscription.cancel() for subscription in self._subscriptions))
        for loop in self._loops:
            await loop.stop()
        await self._deliverer.stop()
        await self._notifications.sender.close()
        await self._context.published.close()
        await self._context.conditions.close()

    async def _handle(self, message: Message) -> None:
        if isinstance(message, ReplayDelivery):
            await replay(self._context, message.delivery_id)
        elif isinstance(message, TryRules):
            await self._context.bus.publish(await try_rules(self._context, message))
        elif isinstance(message, TestChannel):
            await self._deliverer.test(message)
        elif isinstance(message, SendNotifications):
            self._deliverer.wake()
            self._delivery.hurry()

    def provide(self, app: FastAPI) -> None:
        """What the webhooks stand on, and what sees their refusals: around all else that may refuse a post."""
        app.state.alert_bridge = self._context
        app.add_middleware(Refusals, context=self._context)


def build(runtime: Runtime) -> Service:
    """The service, wired."""
    return AlertBridge(runtime)


def main() -> None:
    """The service in a process of its own."""
    run_service(
        "alert-bridge",
        build,
        listen=LISTEN,
        make_application=partial(application, title="OpsiMate Actions: alert-bridge"),
    )
