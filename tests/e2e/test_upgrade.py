"""The database of the first release under the product of this one."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.earlier_releases import ADMIN_TOKEN, MASTER_KEY, write_database
from tests.product import BIN, Product, embedded, eventually


@pytest.fixture
def upgraded() -> Iterator[Product]:
    """The embedded product, not started yet, whose data are those of a product of the first release."""
    product = embedded()
    data = product.directory / "data"
    data.mkdir(mode=0o700)
    write_database(data / "opsimate.db")
    (data / "master.key").write_text(MASTER_KEY)
    (data / "master.key").chmod(0o600)
    (product.directory / "token").write_text(ADMIN_TOKEN)
    product.http.headers["Authorization"] = f"Bearer {ADMIN_TOKEN}"
    yield product
    product.discard()


def test_the_product_does_not_start_over_runs_that_only_the_earlier_release_can_carry_on(upgraded: Product) -> None:
    (up,) = upgraded.parts
    up.start()
    eventually(lambda: not up.is_running, what="it has ended")
    assert up.stop() == 1
    assert "4 runs are under way that this release cannot carry on" in " ".join(up.log.read_text().split())
    database = upgraded.directory / "data" / "opsimate.db"
    copies = list(database.parent.glob("*-schema-*"))
    assert copies == []


def test_what_the_first_release_stored_can_all_be_read_after_an_upgrade(upgraded: Product) -> None:
    data = upgraded.directory / "data"
    (data / "opsimate.db").unlink()
    write_database(data / "opsimate.db", under_way=False)
    migrate = subprocess.run(
        [BIN / "opsimate", "migrate", "--data", data],
        env=dict(upgraded.parts[0].environment),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "The store has schema 2." in migrate.stdout
    assert (data / "opsimate-schema-1.db").exists()
    upgraded.start()
    runs = upgraded.http.get("/api/v1/runs", params={"limit": 100}).json()["items"]
    assert {run["action"]["name"]: run["state"] for run in runs} == {
        "gone": "succeeded",
        "restart": "succeeded",
        "with-secret": "succeeded",
        "hopeless": "failed",
        "slow": "cancelled",
    }
    for run in runs:
        shown = upgraded.show(run["id"])
        assert shown["state"] == run["state"]
        assert [entry["seq"] for entry in shown["timeline"]] == list(range(1, len(shown["timeline"]) + 1))
        assert run["progress"]["done"] == len(shown["steps"]) == sum(run["ended_steps"].values())
        assert run["cancel_requested"] == (run["action"]["name"] == "slow")
        assert list(upgraded.events(run["id"]))[-1][1] == "end"
    (restart, *_) = [run for run in runs if run["action"]["name"] == "restart" and run["trigger"]["kind"] == "manual"]
    assert upgraded.output(restart["id"]) == b"begun\nrestarting nginx\nit is up\n"
    assert upgraded.output(restart["id"], step="restart", attempt=1).startswith(b"begun\n")
    steps = upgraded.show(restart["id"])["steps"]
    assert steps[0]["attempts"][0]["id"] == f"{restart['id']}.000.0000.01"
    assert [[attempt["state"] for attempt in step["attempts"]] for step in steps] == [["succeeded"], ["succeeded"]]
    for kind, names in (
        ("actions", {"at-the-edge", "flaky", "hopeless", "restart", "slow", "stubborn", "with-secret"}),
        ("providers", {"edge-1", "here", "web-1"}),
        ("secrets", {"api-key", "deploy-key"}),
        ("alert-rules", {"nginx-down", "old"}),
        ("tokens", {"admin", "alertmanager", "jo", "prometheus"}),
    ):
        listed = upgraded.http.get(f"/api/v1/{kind}").json()["items"]
        assert {one["name"] for one in listed} == names, kind
    assert all(secret["readable"] for secret in upgraded.http.get("/api/v1/secrets").json()["items"])
    assert len(upgraded.http.get("/api/v1/alerts").json()["items"]) == 3
    again = upgraded.result("with-secret", {"key": {"secret": "api-key"}})
    assert again["state"] == "succeeded"
    assert b"s3cr3t" not in upgraded.output(again["id"])
