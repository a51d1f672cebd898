"""The whole product with few descriptors: whoever takes them at the door changes nothing about how runs end."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx

from tests.product import Product, embedded, eventually


@contextmanager
def with_descriptors(number: int, **settings: str) -> Iterator[Product]:
    """The product in one process that may open so many files, with a provider for its own machine."""
    product = embedded(log_level="debug", **settings)
    part = product.parts[0]
    part.command = ["sh", "-c", f'ulimit -n {number}; exec "$@"', "sh", *part.command]
    try:
        product.start()
        product.put("providers", {"name": "here", "connection": {"local": {}}})
        yield product
    finally:
        product.discard()


def lines(product: Product, event: str) -> int:
    return product.logs().count(f'"event": "{event}"')


def test_idle_connections_by_the_hundred_change_nothing_about_how_runs_end() -> None:
    with with_descriptors(200) as product, ExitStack() as opened:
        product.put("actions", {"name": "act", "steps": [{"name": "only", "provider": "here", "command": "sleep 0.2"}]})
        runs = []
        for number in range(600):
            idle = opened.enter_context(closing(socket.create_connection(("127.0.0.1", product.catalog.port))))
            idle.sendall(b"GET / HTTP/1.1\r\n" if number % 2 else b"")
            if number % 30 == 0:
                runs.append(product.run("act")["id"])
        answer = httpx.get(f"{product.url}/readyz")
        assert answer.status_code == 503
        assert "ran out" in answer.json()["checks"]["connections"]
        assert {product.ended(run)["state"] for run in runs} == {"succeeded"}
        assert lines(product, "http.connections_ran_out") == 1
        assert '"level": "error"' not in product.logs()


def test_commands_that_find_no_descriptor_left_wait_for_one(tmp_path: Path) -> None:
    with with_descriptors(60, concurrency="50") as product:
        command = f"until [ -e {tmp_path / 'go'} ]; do sleep 0.1; done"
        product.put("actions", {"name": "act", "steps": [{"name": "only", "provider": "here", "command": command}]})
        runs = [product.run("act")["id"] for _ in range(40)]
        eventually(lambda: lines(product, "attempt.waits_for_descriptors"), what="a command waits")
        (tmp_path / "go").touch()
        assert {product.ended(run)["state"] for run in runs} == {"succeeded"}
        assert lines(product, "attempt.waits_for_descriptors") == 1
        assert '"level": "error"' not in product.logs()
