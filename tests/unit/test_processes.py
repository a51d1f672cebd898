"""What the processes of the services load, and what one without endpoints of its own answers."""

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module

import httpx
import pytest

import scheduler.main
from catalog.domain.views import RunView
from shared.contracts.model import Model
from shared.contracts.principal import Permission, Principal
from shared.contracts.provider import ProviderDefinition
from shared.contracts.run import Run
from shared.encryption import new_master_key
from shared.service import bare_application, runtime_of
from shared.settings import load_settings

UNUSED = {"rich", "pygments", "pydantic.v1", "pymongo.pyopenssl_context"}
UNLOADED = {
    "catalog": {*UNUSED, "asyncssh", "pymongo", "aio_pika"},
    "alert_bridge": {*UNUSED, "asyncssh", "pymongo", "aio_pika"},
    "scheduler": {*UNUSED, "asyncssh", "pymongo", "aio_pika", "fastapi"},
    "executor": {*UNUSED, "pymongo", "aio_pika", "fastapi"},
}
"""What costs megabytes and tenths of a second, and is loaded by those alone that use it."""


@pytest.mark.parametrize("service", UNLOADED)
def test_a_service_loads_nothing_large_that_it_does_not_use(service: str) -> None:
    code = f"import sys, {service}.main; print(*(name for name, found in sys.modules.items() if found is not None))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "structlog" in loaded
    assert UNLOADED[service] & set(loaded) == set()


def test_the_command_that_starts_all_services_loads_nothing_that_draws_on_a_terminal() -> None:
    code = (
        "import sys, opsimate.cli.up, opsimate.standalone.starting; "
        "print(*(name for name, found in sys.modules.items() if found is not None))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "executor.main" in loaded
    assert {*UNUSED, "aio_pika", "motor"} & set(loaded) == set()


def kinds_of(model: type[Model]) -> Iterator[type[Model]]:
    """Whatever is made of a model."""
    for one in model.__subclasses__():
        yield one
        yield from kinds_of(one)


def test_every_model_can_be_built() -> None:
    for service in UNLOADED:
        import_module(f"{service}.main")
    models = set(kinds_of(Model))
    assert {Run, ProviderDefinition, RunView} <= models
    for model in models:
        model.model_rebuild()
        assert model.__pydantic_complete__, model


class KnownToken:
    """Takes whatever is shown for the token of one principal."""

    def __init__(self, *grants: Permission) -> None:
        self._principal = Principal("01KB0V5W3Y3Q9M1QK5M6Y9T2XR", "ada", "person", frozenset(grants))

    async def authenticate(self, credential: str) -> Principal | None:
        return self._principal if credential == "known" else None

    async def is_still_known(self, _principal: Principal) -> bool:
        return True


@pytest.mark.parametrize(
    ("method", "path", "authorization", "grants", "status"),
    [
        ("GET", "/healthz", None, [], 200),
        ("HEAD", "/healthz", None, [], 200),
        ("GET", "/readyz", None, [], 503),
        ("GET", "/metrics", None, ["metrics.read"], 401),
        ("GET", "/metrics", "Bearer unknown", ["metrics.read"], 401),
        ("GET", "/metrics", "Basic known", ["metrics.read"], 401),
        ("GET", "/metrics", "Bearer known", ["runs.read"], 403),
        ("GET", "/metrics", "bearer known", ["metrics.read"], 200),
        ("POST", "/metrics", "Bearer known", ["metrics.read"], 405),
        ("GET", "/metrics/", None, [], 404),
        ("GET", "/docs", None, [], 404),
    ],
)
async def test_a_service_without_endpoints_answers_for_its_health(
    method: str, path: str, authorization: str | None, grants: list[Permission], status: int
) -> None:
    settings = load_settings(
        {"OPSIMATE_MASTER_KEY": new_master_key(), "OPSIMATE_STORE_URL": "sqlite:never-opened.db"}, listen="127.0.0.1:0"
    )
    runtime = runtime_of(settings)
    app = bare_application(runtime, [scheduler.main.build(runtime)])
    app.state.authenticator = KnownToken(*grants)
    headers = {} if authorization is None else {"Authorization": authorization}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://any") as http:
        answer = await http.request(method, path, headers=headers)
    assert answer.status_code == status
    if path.endswith("z"):
        assert method == "HEAD" or set(answer.json()) == {"status", "checks"}
    elif status != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status
