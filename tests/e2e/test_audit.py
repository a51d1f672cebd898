"""The audit in both forms: who did what, and whether that still stands as it was written."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_as_code import ROOT, Reader
from tests.product import Product, eventually
from tests.servers.sshd import SshServer
from tests.stage import Ledger, action


@pytest.fixture
def reader(product: Product, left_as_it_was: None, tmp_path: Path, sshd: SshServer) -> Reader:
    return Reader(product, tmp_path, sshd.private_key)


def entries(product: Product, most: int, **query: str) -> list[dict[str, Any]]:
    """So many entries that the filters hold for, once there are as many; the last first."""

    def found() -> list[dict[str, Any]] | None:
        answer = product.http.get("/api/v1/audit", params=query).raise_for_status()
        items: list[dict[str, Any]] = answer.json()["items"]
        return items if len(items) >= most else None

    return eventually(found, what=f"{most} entries of {query}") or []


def test_the_guide_to_the_audit_works_as_it_says(reader: Reader, product: Product) -> None:
    assert reader.follow("audit.md") == 3
    [run, *_] = entries(product, 1, name="sweep", kind="run.requested")
    assert (run["note"], run["by"], run["origin"]["credential"]) == ("after the upgrade", "admin", "token")
    assert run["origin"]["program"] == "opsimate"
    [python] = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/audit.md").read_text(), re.MULTILINE | re.DOTALL)
    told: dict[str, Any] = {}
    exec(python, told)  # noqa: S102 - the guide's own
    exported = [json.loads(line) for line in (reader.directory / "audit.jsonl").read_text().splitlines()]
    assert all(told["hash_of"](entry) == entry["hash"] for entry in exported)


def test_what_a_run_is_told_is_told_of_with_its_reason(product: Product, ledger: Ledger) -> None:
    name = action(product, "audited", f"{ledger.entry()}; sleep 60")
    run_id = product.run(name)["id"]
    eventually(lambda: ledger.lines)
    for kind in ("pause", "resume", "cancel"):
        answer = product.http.post(f"/api/v1/runs/{run_id}/{kind}", json={"comment": f"{kind}, please"})
        assert answer.status_code == 202
    assert product.ended(run_id)["state"] == "cancelled"
    told = entries(product, 4, run=run_id)
    assert [(one["kind"], one["note"]) for one in reversed(told)] == [
        ("run.requested", ""),
        *((f"run.{kind}", f"{kind}, please") for kind in ("pause", "resume", "cancel")),
    ]
    assert {one["by"] for one in told} == {"admin"}
    assert {one["origin"]["address"] for one in told} == {"127.0.0.1"}


def test_an_export_that_somebody_changed_is_found_out(reader: Reader) -> None:
    assert reader.typed("opsimate audit export > all.jsonl").returncode == 0
    lines = (reader.directory / "all.jsonl").read_text().splitlines()
    lines[1] = lines[1].replace('"by": "', '"by": "not-')
    (reader.directory / "all.jsonl").write_text("\n".join(lines))
    done = reader.typed("unset OPSIMATE_URL OPSIMATE_TOKEN; opsimate audit verify all.jsonl")
    assert (done.returncode, "does not hold from entry 2 on" in done.stderr) == (1, True), done.stderr
    kept = reader.typed("opsimate audit verify -o json").stdout
    known = json.loads(kept)
    assert known["broken"] is None
    assert reader.typed(f"opsimate audit verify --expect {known['number']}:{known['hash']}").returncode == 0
    assert reader.typed(f"opsimate audit verify --expect 2:{'0' * 64}").returncode == 1
    assert reader.typed("opsimate audit verify --expect 2").returncode == 2
