"""The alert-bridge: takes alerts in and asks for runs."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI

from alert_bridge.adapters.integrations import IntegrationReader
from alert_bridge.adapters.refusals import Refusals
from alert_bridge.adapters.rules import RuleReader
from alert_bridge.bridge import Bridge
from alert_bridge.deliveries import forget_old_deliveries
from alert_bridge.pending import finish_pending
from alert_bridge.replay import finish_replays, replay
from alert_bridge.webhooks import webhooks_router
from shared.bus.port import Subscription
from shared.bus.topology import alert_bridge_queue
from shared.contracts.delivery import ReplayDelivery
from shared.contracts.message import Message
from shared.loops import Loop
from shared.service import Service, Surroundings, run_service

LISTEN = "127.0.0.1:8081"
SWEEP_INTERVAL = 5.0
FORGET_INTERVAL = 300.0
"""Seconds."""


class AlertBridge:
    """The service: its webhooks, and the sweep of what an ended instance left."""

    name = "alert-bridge"

    def __init__(self, around: Surroundings) -> None:
        self.routers: Sequence[APIRouter] = [webhooks_router()]
        sealer = around.settings.sealer()
        self._bridge = Bridge(
            store=around.store,
            bus=around.bus,
            sealer=sealer,
            clock=around.clock,
            rules=RuleReader(around.store).read,
            integrations=IntegrationReader(around.store, sealer).read,
        )
        self._loops = (
            Loop("alert-sweep", lambda: finish_pending(self._bridge), interval=SWEEP_INTERVAL),
            Loop("delivery-replays", lambda: finish_replays(self._bridge), interval=SWEEP_INTERVAL),
            Loop("delivery-retention", lambda: forget_old_deliveries(self._bridge), interval=FORGET_INTERVAL),
        )
        self._subscription: Subscription | None = None
        around.health.pulses |= {loop.name: loop.pulse for loop in self._loops}

    async def start(self) -> None:
        """Begin to sweep and to hear of replays; webhooks are served with the process's other endpoints."""
        self._subscription = await self._bridge.bus.subscribe(alert_bridge_queue(), self._handle)
        for loop in self._loops:
            loop.start()

    async def stop(self) -> None:
        """End what was begun."""
        if self._subscription is not None:
            await self._subscription.cancel()
        for loop in self._loops:
            await loop.stop()

    async def _handle(self, message: Message) -> None:
        if isinstance(message, ReplayDelivery):
            await replay(self._bridge, message.delivery_id)

    def provide(self, app: FastAPI) -> None:
        """What the webhooks stand on, and what sees their refusals: around all else that may refuse a post."""
        app.state.alert_bridge = self._bridge
        app.add_middleware(Refusals, bridge=self._bridge)


def build(around: Surroundings) -> Service:
    """The service, wired."""
    return AlertBridge(around)


def main() -> None:
    """The service in a process of its own."""
    run_service("alert-bridge", build, listen=LISTEN)
