"""A step on many providers while processes are killed: nothing is lost, and nothing is done twice in silence."""

import time
from collections import Counter
from typing import Any

import pytest

from tests.chaos.test_promises import LEASE, on_stage
from tests.product import Product, distributed, embedded, eventually
from tests.servers.mongo import MongoServer
from tests.servers.sshd import SshServer
from tests.stage import Ledger

pytestmark = pytest.mark.timeout(240)

NAMES = [f"node-{number:03d}" for number in range(60)]


def started(product: Product, sshd: SshServer, *steps: dict[str, Any]) -> str:
    """A run of these steps, on sixty providers that the product knows now."""
    ssh = {"host": sshd.host, "port": sshd.port, "user": sshd.user, "private_key": {"secret": "web-1-key"}}
    for name in NAMES:
        product.put("providers", {"name": name, "connection": {"ssh": ssh}, "labels": {"role": "node"}})
    product.put("actions", {"name": "roll", "steps": list(steps)})
    return str(product.run("roll")["id"])


def roll(command: str, **fields: Any) -> dict[str, Any]:
    return {"name": "roll", "providers": {"labels": {"role": "node"}}, "command": command, **fields}


def states(product: Product, run_id: str) -> dict[str, str]:
    """How the step ended, by provider."""
    answer = product.http.get(f"/api/v1/runs/{run_id}/steps/roll/invocations", params={"limit": 200})
    return {item["provider"]: item["state"] for item in answer.json()["items"]}


def test_a_rollout_goes_on_while_its_schedulers_are_killed_and_does_nothing_twice(
    mongo: MongoServer, virtual_host: str, sshd: SshServer, ledger: Ledger
) -> None:
    verify = {"name": "verify", "command": ledger.entry("check-$OPSIMATE_PROVIDER")}
    rollout = {"batches": [5, 20, 35], "check": "verify"}
    product = distributed(mongo.database_url(), virtual_host, schedulers=2, lease=LEASE)
    with on_stage(product, sshd):
        step = roll(f"sleep 0.2; {ledger.entry('$OPSIMATE_PROVIDER')}", rollout=rollout)
        run_id = started(product, sshd, step, verify)
        schedulers = [part for part in product.parts if part.name == "scheduler"]
        kills = 0
        while product.show(run_id)["ended_at"] is None:
            killed = schedulers[kills % 2]
            killed.kill()
            time.sleep(0.4)
            killed.start()
            kills += 1
            time.sleep(1.1)
            assert kills < 60, product.show(run_id)["steps"]
        run = product.ended(run_id)
        assert (run["state"], run["steps"][0]["invocations"]) == ("succeeded", {"succeeded": len(NAMES)})
        assert Counter(ledger.lines) == dict.fromkeys([*NAMES, *(f"check-{name}" for name in NAMES)], 1)
        assert kills > 1
        # A batch began only once the one before was done, and checked.
        lines = ledger.lines
        assert {*lines[:10]} == {*NAMES[:5], *(f"check-{name}" for name in NAMES[:5])}


@pytest.mark.parametrize("form", ["embedded", "distributed"])
def test_after_kill_9_of_everything_each_provider_has_run_the_command_once_or_is_told_as_unknown(
    form: str, request: pytest.FixtureRequest, sshd: SshServer, ledger: Ledger
) -> None:
    if form == "embedded":
        product = embedded(lease=LEASE)
    else:
        mongo: MongoServer = request.getfixturevalue("mongo")
        product = distributed(mongo.database_url(), request.getfixturevalue("virtual_host"), lease=LEASE)
    with on_stage(product, sshd):
        rollout = {"max_parallel": 10, "max_failures": "100%"}
        step = roll(f"{ledger.entry('$OPSIMATE_PROVIDER')}; sleep 0.3", rollout=rollout)
        run_id = started(product, sshd, step)
        for so_many in (5, 25):
            eventually(lambda so_many=so_many: len(ledger.lines) >= so_many)  # type: ignore[misc]
            product.kill_everything()
            product.start()
        run = product.ended(run_id, within=120)
        found = states(product, run_id)
        assert set(found) == set(NAMES)
        assert set(found.values()) <= {"succeeded", "unknown"}
        assert run["state"] == ("unknown" if "unknown" in found.values() else "succeeded")
        times = Counter(ledger.lines)
        assert max(times.values()) == 1, "a command ran twice"
        assert {name for name, state in found.items() if state == "succeeded"} <= set(times)
        assert len(run["steps"][0]["failed_providers"]) == min(20, list(found.values()).count("unknown"))


def test_lost_commands_are_run_again_where_the_step_says_so(
    mongo: MongoServer, virtual_host: str, sshd: SshServer, ledger: Ledger
) -> None:
    product = distributed(mongo.database_url(), virtual_host, executors=2, lease=LEASE)
    with on_stage(product, sshd):
        step = roll(f"sleep 1; {ledger.entry('$OPSIMATE_PROVIDER')}", on_lost="rerun", rollout={"max_parallel": 20})
        run_id = started(product, sshd, step)
        eventually(lambda: len(ledger.lines) >= 10)
        product.part("executor").kill()
        run = product.ended(run_id, within=120)
        assert (run["state"], run["steps"][0]["invocations"]) == ("succeeded", {"succeeded": len(NAMES)})
        assert set(ledger.lines) == set(NAMES)
