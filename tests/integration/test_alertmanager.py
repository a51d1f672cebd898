"""A real Alertmanager, connected to the alert-bridge as the documentation says."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
import yaml
from fastapi import FastAPI

from alert_bridge.domain import alertmanager as source
from shared.alerts import stored_alert_of
from shared.collections import ALERTS, ALL
from shared.contracts.values import instant_text
from shared.store import DocumentStore
from shared.store.sqlite import SqliteDocumentStore
from tests.builders_alerts import TOKEN, a_bridge, all_runs, save_all_for_nginx, save_token
from tests.servers.alertmanager import Alertmanager

LABELS = {"alertname": "NginxDown", "severity": "critical", "instance": "web-1:9100"}


@contextlib.asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The address of the application while it listens."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    await until(lambda: _truth(server.started))
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def _truth(value: bool) -> bool:
    return value


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Return once it holds; ``TimeoutError`` where that takes far too long."""
    async with asyncio.timeout(60):
        while not await holds():
            await asyncio.sleep(0.02)


def configuration(address: str, token_file: Path) -> str:
    """The receiver of our documentation, with this address and token, told of everything at once."""
    receivers = yaml.safe_load(source.DESCRIPTION.split("```yaml")[1].split("```")[0])["receivers"]
    webhook = receivers[0]["webhook_configs"][0]
    webhook["url"] = webhook["url"].replace("http://127.0.0.1:8081", address)
    webhook["http_config"]["authorization"]["credentials_file"] = str(token_file)
    route = {"receiver": "opsimate", "group_wait": "0s", "group_interval": "1s", "repeat_interval": "1s"}
    return yaml.safe_dump({"route": route, "receivers": receivers})


async def tell(address: str, **fields: Any) -> None:
    """Tell Alertmanager of an alert, as Prometheus does."""
    async with httpx.AsyncClient(base_url=address) as client:
        answer = await client.post("/api/v2/alerts", json=[{"labels": LABELS, **fields}])
        answer.raise_for_status()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[DocumentStore]:
    opened = SqliteDocumentStore(tmp_path / "opsimate.db")
    await opened.open(ALL)
    await save_token(opened)
    await save_all_for_nginx(opened)
    yield opened
    await opened.close()


async def test_an_alert_of_a_real_alertmanager_leads_to_one_run_and_is_closed_when_it_ends(
    store: DocumentStore, alertmanager: Alertmanager, tmp_path: Path
) -> None:
    token_file = tmp_path / "token"
    token_file.write_text(TOKEN)
    started = datetime.now(UTC) - timedelta(minutes=2)

    async def is_known(status: str, *, deliveries: int = 1) -> bool:
        found = [stored_alert_of(document) for document in await store.find(ALERTS, {})]
        assert len(found) <= 1
        return any(one.alert.status == status and one.deliveries >= deliveries for one in found)

    async with a_bridge(store) as bridge, served(bridge.app) as address:
        told = await asyncio.to_thread(alertmanager.start, configuration(address, token_file))
        await tell(told, startsAt=instant_text(started))
        await until(lambda: is_known("firing", deliveries=3))
        await tell(told, startsAt=instant_text(started), endsAt=instant_text(datetime.now(UTC)))
        await until(lambda: is_known("resolved"))

    (run,) = await all_runs(store)
    assert run.parameters["host"] == "web-1"


async def test_a_start_that_moves_at_a_real_alertmanager_leads_to_one_run(
    store: DocumentStore, alertmanager: Alertmanager, tmp_path: Path
) -> None:
    """Case P-1: two who report the same alert, the second with an earlier start."""
    token_file = tmp_path / "token"
    token_file.write_text(TOKEN)
    later, earlier = [instant_text(datetime.now(UTC) - timedelta(minutes=ago)) for ago in (1, 2)]

    async def is_known(status: str, *starts: str) -> bool:
        found = [stored_alert_of(document) for document in await store.find(ALERTS, {})]
        assert len(found) <= 1
        named = [instant_text(start) for one in found for start in one.starts]
        return all(one.alert.status == status for one in found) and named == list(starts)

    async with a_bridge(store) as bridge, served(bridge.app) as address:
        told = await asyncio.to_thread(alertmanager.start, configuration(address, token_file))
        await tell(told, startsAt=later)
        await until(lambda: is_known("firing", later))
        await tell(told, startsAt=earlier)
        await until(lambda: is_known("firing", later, earlier))
        await tell(told, startsAt=earlier, endsAt=instant_text(datetime.now(UTC)))
        await until(lambda: is_known("resolved", later, earlier))

    assert len(await all_runs(store)) == 1


async def test_what_a_real_alertmanager_sends_to_pagerduty_is_taken_and_its_end_closes_it(
    store: DocumentStore, alertmanager: Alertmanager
) -> None:
    async def is_known(status: str) -> bool:
        found = [stored_alert_of(document) for document in await store.find(ALERTS, {})]
        assert len(found) <= 1
        return [(one.alert.source, one.alert.status) for one in found] == [("pagerduty-events", status)]

    async with a_bridge(store) as bridge, served(bridge.app) as address:
        pager = {"url": f"{address}/v2/enqueue", "routing_key": TOKEN, "send_resolved": True}
        receivers = [{"name": "pager", "pagerduty_configs": [pager]}]
        route = {"receiver": "pager", "group_wait": "0s", "group_interval": "1s", "repeat_interval": "1s"}
        told = await asyncio.to_thread(alertmanager.start, yaml.safe_dump({"route": route, "receivers": receivers}))
        started = instant_text(datetime.now(UTC) - timedelta(minutes=2))
        await tell(told, startsAt=started)
        await until(lambda: is_known("firing"))
        await tell(told, startsAt=started, endsAt=instant_text(datetime.now(UTC)))
        await until(lambda: is_known("resolved"))
