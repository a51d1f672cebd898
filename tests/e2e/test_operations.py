"""What whoever operates the product asks it."""

import re

from tests.product import PROBE, Product
from tests.stage import action


def test_every_process_says_how_it_is_to_everybody(product: Product) -> None:
    for part in product.parts:
        for page in ("healthz", "readyz"):
            answer = PROBE.get(f"http://127.0.0.1:{part.port}/{page}")
            assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    loops = {
        name for part in product.parts for name in PROBE.get(f"http://127.0.0.1:{part.port}/healthz").json()["checks"]
    }
    of_scheduler = {f"scheduler.{name}" for name in ("sweep", "schedules", "windows", "retention")}
    of_catalog = {f"catalog.{name}" for name in ("sessions", "audit")}
    assert of_scheduler | of_catalog | {"executor.heartbeat", "alert-sweep", "delivery-retention"} <= loops


def test_metrics_are_for_those_who_have_a_token(product: Product) -> None:
    made = product.http.post("/api/v1/tokens", json={"name": f"prometheus-{product.form}", "role": "metrics"})
    assert made.status_code == 201, made.text
    reader = {"Authorization": f"Bearer {made.json()['token']}"}
    for part in product.parts:
        url = f"http://127.0.0.1:{part.port}/metrics"
        assert PROBE.get(url).status_code == 401
        assert "opsimate_store_operations_total" in PROBE.get(url, headers=reader).text
    assert PROBE.get(f"{product.url}/api/v1/runs", headers=reader).status_code == 403


def test_nothing_but_health_signing_in_and_the_documentation_is_open(product: Product) -> None:
    schema = PROBE.get(f"{product.url}/openapi.json").json()
    for path, operations in schema["paths"].items():
        for method in operations:
            if path == "/api/v1/session" and method in {"post", "delete"}:  # signing in, and out
                continue
            answer = PROBE.request(method, f"{product.url}{path.replace('{', '').replace('}', '')}")
            expected = {200} if path in {"/healthz", "/readyz"} else {401}
            assert {answer.status_code} == expected, f"{method} {path}"
            assert answer.headers["content-type"].split(";")[0].endswith("json")


def test_every_log_line_of_an_attempt_names_its_run_and_step(product: Product) -> None:
    run = product.result(action(product, "logged", "true"))
    lines = [line for line in product.logs().splitlines() if '"step.finished"' in line and run["id"] in line]
    assert len(lines) == 1
    for line in lines:
        assert all(f'"{name}"' in line for name in ("run_id", "step", "attempt", "provider", "service"))


def test_the_documentation_needs_nothing_from_elsewhere(product: Product) -> None:
    page = PROBE.get(f"{product.url}/docs")
    assert page.status_code == 200
    for asset in re.findall(r"""(?:src|href)=["']([^"']+)""", page.text):
        assert asset.startswith("/"), f"{asset} comes from elsewhere"
        assert PROBE.get(f"{product.url}{asset}").status_code == 200
