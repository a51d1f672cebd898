"""The alert-bridge: takes alerts in and asks for runs."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI

from alert_bridge.adapters.refusals import Refusals
from alert_bridge.adapters.rules import RuleReader
from alert_bridge.bridge import Bridge
from alert_bridge.pending import finish_pending
from alert_bridge.webhooks import webhooks_router
from shared.loops import Loop
from shared.service import Service, Surroundings, run_service

LISTEN = "127.0.0.1:8081"
SWEEP_INTERVAL = 5.0
"""Seconds."""


class AlertBridge:
    """The service: its webhooks, and the sweep of what an ended instance left."""

    name = "alert-bridge"

    def __init__(self, around: Surroundings) -> None:
        self.routers: Sequence[APIRouter] = [webhooks_router()]
        self._bridge = Bridge(
            store=around.store,
            bus=around.bus,
            sealer=around.settings.sealer(),
            clock=around.clock,
            rules=RuleReader(around.store).read,
        )
        self._sweep = Loop("alert-sweep", lambda: finish_pending(self._bridge), interval=SWEEP_INTERVAL)
        around.health.pulses[self._sweep.name] = self._sweep.pulse

    async def start(self) -> None:
        """Begin to sweep; webhooks are served with the process's other endpoints."""
        self._sweep.start()

    async def stop(self) -> None:
        """End the sweep."""
        await self._sweep.stop()

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
