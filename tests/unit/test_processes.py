"""What the processes of the services load, and what one without endpoints of its own answers."""

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module

import asyncssh
import httpx
import pytest

import scheduler.main
from catalog.domain.views import RunView
from shared.admission import Credential
from shared.contracts.model import Model
from shared.contracts.principal import Permission, Principal
from shared.contracts.provider import ProviderDefinition
from shared.contracts.run import Run
from shared.encryption import new_master_key
from shared.service import bare_application, runtime_of
from shared.settings import load_settings

UNUSED = {
    *("rich", "pygments"),  # structlog
    "pydantic.v1",
    "pymongo.pyopenssl_context",
    "cel_expr_python",
    *("argparse", "asyncssh.crypto.x509", "cryptography.x509"),  # asyncssh
    *("logging.config", "uvicorn.main"),
    *("http.server", "urllib.request", "wsgiref.simple_server"),  # prometheus_client
    *("opentelemetry.trace", "opentelemetry.metrics", "opentelemetry._logs"),  # FastAPI
    "html",  # Starlette
    *("csv", "difflib", "gzip"),
    *("apprise", "requests", "urllib3", "smtplib", "httpx"),  # what sends notifications
}
UNLOADED = {
    "catalog": {*UNUSED, "click", "asyncssh", "pymongo", "aio_pika"},
    "alert_bridge": {*UNUSED, "click", "asyncssh", "pymongo", "aio_pika"},
    "scheduler": {*UNUSED, "click", "asyncssh", "pymongo", "aio_pika", "fastapi"},
    "executor": {*UNUSED, "click", "pymongo", "aio_pika", "fastapi"},
}
"""What costs megabytes and tenths of a second, and is loaded by those alone that use it."""


def loaded_by(code: str, given: str = "") -> set[str]:
    """The modules that a new process has after this code."""
    say = "print(*(name for name, found in sys.modules.items() if type(found).__name__ == 'module'))"
    command = [sys.executable, "-c", f"import sys\n{code}\n{say}"]
    return set(subprocess.run(command, input=given, check=True, capture_output=True, text=True).stdout.split())


@pytest.mark.parametrize("service", UNLOADED)
def test_a_service_loads_nothing_large_that_it_does_not_use(service: str) -> None:
    loaded = loaded_by(f"import {service}.main")
    assert {"structlog", "prometheus_client", "uvicorn.server"} <= loaded
    assert UNLOADED[service] & loaded == set()


def test_the_command_that_starts_all_services_loads_nothing_that_draws_on_a_terminal() -> None:
    loaded = loaded_by("import opsimate.cli.up, opsimate.standalone.starting")
    assert "executor.main" in loaded
    assert {*UNUSED, "aio_pika", "motor"} & loaded == set()


def test_the_drivers_of_the_store_and_the_bus_bring_nothing_back() -> None:
    loaded = loaded_by("import catalog.main, shared.store.mongo, shared.bus.amqp")
    assert {"motor", "aio_pika"} <= loaded
    assert {*UNUSED, "click", "asyncssh"} & loaded == set()


def test_the_catalog_checks_a_key_as_ssh_keygen_makes_it_without_asyncssh() -> None:
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key("openssh").decode()
    check = "from catalog.handlers.checks import _require_readable; _require_readable(sys.stdin.read(), {}, None)"
    assert "asyncssh" not in loaded_by(check.format(None), key)
    assert "asyncssh" in loaded_by(check.format("'open sesame'"), key)


def test_what_is_left_unloaded_is_loaded_once_it_is_used() -> None:
    """Each way in which a module is used, of modules of which libraries have taken something before."""
    code = """
import catalog.main, asyncssh, uvicorn
from shared.unloaded import UnloadedModule
unloaded = lambda: {name for name, module in sys.modules.items() if isinstance(module, UnloadedModule)}
assert unloaded() >= {"html", "logging.config", "opentelemetry.trace", "uvicorn.main"}, unloaded()
import html.entities, logging.config, opentelemetry.trace.span
assert html.escape("<") == "&lt;" and logging.config.dictConfig and opentelemetry.trace.get_tracer("any")
config = uvicorn.Config(None)
assert {type(uvicorn.Server(config)) for _ in range(2)} == {uvicorn.server.Server}
from http.server import BaseHTTPRequestHandler
assert BaseHTTPRequestHandler.server_version
assert not unloaded() & {"html", "logging.config", "opentelemetry.trace", "uvicorn.main"}
"""
    assert {"click", "html.entities", "opentelemetry.trace.span"} <= loaded_by(code)


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
        self._principal = Principal("01KB0V5W3Y3Q9M1QK5M6Y9T2XR", "ada", "person", frozenset(grants), "viewer")

    async def authenticate(self, credential: Credential) -> Principal | None:
        return self._principal if credential == Credential("token", "known") else None

    async def is_still_known(self, _credential: Credential) -> bool:
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
