"""Pools, in both forms: who serves them, and that a run says that it waits for somebody who does."""

from dataclasses import replace
from typing import Any

from tests.product import Product, eventually
from tests.servers.ports import free_port
from tests.servers.sshd import SshServer
from tests.stage import action, set_stage


def test_a_pool_without_an_executor_is_visible_and_said_in_the_run(product: Product, sshd: SshServer) -> None:
    set_stage(product, sshd, "dmz-1")
    provider = product.http.get("/api/v1/providers/dmz-1").json()
    product.put("providers", {"name": "dmz-1", "connection": provider["connection"], "pool": "dmz"})
    name = action(product, "in-the-dmz", {"command": "echo there", "provider": "dmz-1"})
    run_id = product.run(name)["id"]
    waiting = eventually(lambda: product.show(run_id)["waiting_for"], within=20, what="the run says what it waits for")
    assert (waiting["gate"], "executor of pool 'dmz'" in waiting["why"]) == ("pool", True)
    assert _executors(product, "dmz") == []
    served = _executors(product, "default")
    assert len(served) == sum(part.name in {"executor", "opsimate"} for part in product.parts)
    assert all(executor["concurrency"] >= 1 for executor in served)
    if product.form == "distributed":
        _serve(product, "dmz")
        run = product.ended(run_id)
        assert (run["state"], run["waiting_for"]) == ("succeeded", None)
        assert len(_executors(product, "dmz")) == 1
        product.parts.pop().stop()
    else:
        product.http.post(f"/api/v1/runs/{run_id}/cancel", json={})
        assert product.ended(run_id)["state"] == "cancelled"


def _serve(product: Product, pool: str) -> None:
    """Start an executor of this pool, which goes on to the end of the product."""
    executor, port = product.part("executor"), free_port()
    environment = {**executor.environment, "OPSIMATE_POOLS": pool, "OPSIMATE_LISTEN": f"127.0.0.1:{port}"}
    log = product.directory / f"{pool}.log"
    part = replace(executor, name=f"executor of {pool}", environment=environment, port=port, log=log, process=None)
    product.parts.append(part)
    part.start()
    product.wait_until_ready()


def test_an_executor_that_stops_takes_its_note_back(product: Product) -> None:
    if product.form == "embedded":
        return
    _serve(product, "short-lived")
    part = product.parts[-1]
    eventually(lambda: _executors(product, "short-lived"), what="the executor says that it is there")
    part.stop()
    assert _executors(product, "short-lived") == []
    product.parts.remove(part)


def _executors(product: Product, name: str) -> list[dict[str, Any]]:
    pools = product.http.get("/api/v1/pools").json()["items"]
    return next((pool["executors"] for pool in pools if pool["name"] == name), [])
