"""The history in both forms, as its guide shows it: runs and lines of output are found, and can be taken elsewhere."""

import json
from pathlib import Path

import pytest

from tests.e2e.test_as_code import Reader
from tests.product import Product, eventually
from tests.servers.sshd import SshServer


@pytest.fixture
def reader(product: Product, left_as_it_was: None, tmp_path: Path, sshd: SshServer) -> Reader:
    return Reader(product, tmp_path, sshd.private_key)


def test_the_guide_to_the_history_works_as_it_says(reader: Reader, product: Product) -> None:
    assert reader.follow("history.md") == 6
    (run,) = json.loads((reader.directory / "runs.json").read_text())["items"]
    assert (run["action"]["name"], run["trigger"]["note"], run["state"]) == (
        "measure",
        "before the upgrade",
        "succeeded",
    )
    printed = (reader.directory / "output.txt").read_text()
    assert printed.endswith("measured /tmp\n")
    items = [json.loads(line) for line in (reader.directory / "output.jsonl").read_text().splitlines()]
    assert "".join(item["text"] for item in items) == printed == product.output(run["id"]).decode()
    for command in (
        "opsimate runs list --state succeeded --by admin --provider web-1 --since 1h -o json",
        'opsimate runs list --text "upgrade tmp" -o json',
    ):
        assert run["id"] in [one["id"] for one in json.loads(reader.typed(command).stdout)["items"]], command
    assert "measured /tmp" in reader.typed(f"opsimate runs output {run['id']} --search MEASURED").stdout
    path = "/api/v1/statistics?action=measure"
    eventually(lambda: product.http.get(path).json()["outcomes"] == {"succeeded": 1}, what="the run is counted")
