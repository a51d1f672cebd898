"""The product as its users run it: real processes, in one of its two forms, spoken to over HTTP."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import psutil

from shared.encryption import new_master_key
from tests import forked
from tests.servers.ports import free_port

BIN = Path(sys.executable).parent
READY_WITHIN = 90.0
WITHOUT_CERTIFICATES = False
"""For ``verify``: what speaks plain HTTP needs none, and to load them costs 30 ms of CPU."""
PROBE = httpx.Client(verify=WITHOUT_CERTIFICATES, timeout=10)
"""Asks a process how it is, and whatever needs no token, without a load that would be felt while it is measured."""
ENDED = {"succeeded", "failed", "cancelled", "rejected", "expired", "skipped", "unknown"}


def eventually(holds: Callable[[], Any], *, within: float = 60.0, what: str = "") -> Any:
    """What ``holds`` returns as soon as that is true; an ``AssertionError`` where it never is.

    The dearer the question is, and the longer it was asked, the rarer it is: whoever waits leaves the processors to
    those who work.
    """
    begun_at = time.monotonic()
    while True:
        asked_at = time.monotonic()
        if found := holds():
            return found
        now = time.monotonic()
        assert now - begun_at < within, f"not within {within:g} s: {what or holds}"
        time.sleep(min(0.3, max(0.03, (now - asked_at) * (2 + 5 * (now - begun_at)))))


@dataclass
class Part:
    """One process of the product."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    port: int
    log: Path
    process: subprocess.Popen[bytes] | forked.Program | None = None
    is_forked: bool = False
    """Whether it is forked from a process that has loaded it already, which spares most of its start."""

    def start(self) -> None:
        """Start it; it may not be ready yet."""
        with self.log.open("ab") as log, Path(os.devnull).open("rb") as nothing:
            if self.is_forked:
                self.process = forked.start(
                    self.command, environment=self.environment, stdin=nothing, stdout=log, stderr=log
                )
            else:
                self.process = subprocess.Popen(
                    self.command, env=dict(self.environment), stdin=nothing, stdout=log, stderr=log
                )

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self, *, within: float = 30.0) -> int:
        """SIGTERM, and the exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within)

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self.process is not None and self.process.poll() is None

    @property
    def usage(self) -> psutil.Process:
        """What it uses of the machine."""
        assert self.process is not None
        return psutil.Process(self.process.pid)


@dataclass
class Product:
    """A running product and a client of its API."""

    form: str
    directory: Path
    parts: list[Part]
    token: str
    catalog: Part
    alerts: Part
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        self.http = httpx.Client(base_url=self.url, headers=headers, timeout=30, verify=WITHOUT_CERTIFICATES)

    @property
    def url(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.catalog.port}"

    @property
    def alerts_url(self) -> str:
        """Where alerts are posted to."""
        return f"http://127.0.0.1:{self.alerts.port}"

    def forked(self) -> Self:
        """The same, whose processes will be forked: for tests that start many, and of which the start is no matter."""
        for part in self.parts:
            part.is_forked = forked.IS_POSSIBLE
        return self

    def start(self) -> Self:
        """Start every process and wait until all are ready."""
        for part in self.parts:
            part.start()
        return self.wait_until_ready()

    def wait_until_ready(self) -> Self:
        """Return once every process says that it is ready."""
        for part in self.parts:
            eventually(lambda part=part: self._is_ready(part), within=READY_WITHIN, what=f"{part.name} is ready")  # type: ignore[misc]
        return self

    def _is_ready(self, part: Part) -> bool:
        assert part.is_running, f"{part.name} has ended:\n{part.log.read_text()[-4000:]}"
        try:
            return PROBE.get(f"http://127.0.0.1:{part.port}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def part(self, name: str) -> Part:
        """The process that does this service's work."""
        return next((part for part in self.parts if part.name == name), self.parts[0])

    def kill_everything(self) -> None:
        """kill -9 of all processes."""
        for part in self.parts:
            part.kill()

    def stop(self) -> None:
        """End all processes in order."""
        self.http.close()
        for part in reversed(self.parts):
            if part.is_running:
                part.stop()

    def discard(self) -> None:
        """End all processes, and remove what they kept."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    # What tests do with it.

    def put(self, kind: str, definition: Mapping[str, Any]) -> dict[str, Any]:
        """Create or replace a definition."""
        answer = self.http.put(f"/api/v1/{kind}/{definition['name']}", json=dict(definition))
        assert answer.is_success, answer.text
        return dict(answer.json())

    def run(
        self,
        action: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        not_before: str | None = None,
        **headers: str,
    ) -> dict[str, Any]:
        """Ask for a run."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = {"parameters": dict(parameters or {}), **({"not_before": not_before} if not_before else {})}
        answer = self.http.post(f"/api/v1/actions/{action}/runs", json=body, headers=named)
        assert answer.is_success, answer.text
        return dict(answer.json())

    def show(self, run_id: str) -> dict[str, Any]:
        """The run as it is now."""
        answer = self.http.get(f"/api/v1/runs/{run_id}")
        assert answer.is_success, answer.text
        return dict(answer.json())

    def ended(self, run_id: str, *, within: float = 60.0) -> dict[str, Any]:
        """The run, once it has ended."""
        eventually(lambda: self.show(run_id)["state"] in ENDED, within=within, what=f"run {run_id} has ended")
        return self.show(run_id)

    def running(self, run_id: str, step: str | None = None) -> dict[str, Any]:
        """The run, once one of its commands (or that step's) has begun."""

        def begun() -> bool:
            steps = self.show(run_id)["steps"]
            return any(one["state"] == "running" for one in steps if step in {None, one["name"]})

        eventually(begun, what=f"a command of run {run_id} has begun")
        return self.show(run_id)

    def result(
        self, action: str, parameters: Mapping[str, Any] | None = None, *, within: float = 60.0
    ) -> dict[str, Any]:
        """A run from its request to its end."""
        return self.ended(self.run(action, parameters)["id"], within=within)

    def output(self, run_id: str, **filters: Any) -> bytes:
        """The plain output of a run."""
        answer = self.http.get(f"/api/v1/runs/{run_id}/output", params=filters, headers={"Accept": "text/plain"})
        assert answer.is_success, answer.text
        return answer.content

    def events(self, run_id: str, after: str | None = None) -> Generator[tuple[str, str, Any], None, None]:
        """The event stream as (id, event, data), until it closes."""
        headers = {"Last-Event-ID": after} if after else {}
        with self.http.stream("GET", f"/api/v1/runs/{run_id}/events", headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            fields: dict[str, str] = {}
            for line in answer.iter_lines():
                if line.startswith(":"):
                    continue
                if line:
                    name, _, value = line.partition(":")
                    fields[name] = fields.get(name, "") + value.removeprefix(" ")
                elif "data" in fields:
                    yield fields.get("id", ""), fields.get("event", ""), json.loads(fields["data"])
                    fields = {}

    def alert(self, source: str, payload: Any) -> httpx.Response:
        """Post an alert as its source does."""
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.alerts_url}/webhooks/{source}"
        return httpx.post(url, json=payload, headers=headers, timeout=30, verify=WITHOUT_CERTIFICATES)

    def logs(self) -> str:
        """What all processes logged."""
        return "\n".join(part.log.read_text() for part in self.parts)


def _environment(directory: Path, **settings: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
    own = {"HOME": str(directory), "XDG_CONFIG_HOME": str(directory / "config"), "OPSIMATE_LOG_FORMAT": "json"}
    return {**kept, **own, **{f"OPSIMATE_{name.upper()}": value for name, value in settings.items()}}


def embedded(**settings: str) -> Product:
    """The product in one process, not started yet."""
    directory = Path(tempfile.mkdtemp(prefix="opsimate-embedded-"))
    data, port = directory / "data", free_port()
    token = f"opsimate_{secrets.token_urlsafe(32)}"
    token_file = directory / "token"
    token_file.write_text(token)
    environment = _environment(directory, admin_token_file=str(token_file), **settings)
    command = [str(BIN / "opsimate"), "up", "--port", str(port), "--data", str(data)]
    part = Part("opsimate", command, environment, port, directory / "log")
    return Product("embedded", directory, [part], token, part, part)


def distributed(
    store_url: str, bus_url: str, *, executors: int = 1, catalogs: int = 1, schedulers: int = 1, **settings: str
) -> Product:
    """The product as separate processes over a broker and a database, not started yet."""
    directory = Path(tempfile.mkdtemp(prefix="opsimate-distributed-"))
    token = f"opsimate_{secrets.token_urlsafe(32)}"
    (directory / "token").write_text(token)
    (directory / "key").write_text(new_master_key())
    common = {
        "store_url": store_url,
        "bus_url": bus_url,
        "master_key_file": str(directory / "key"),
        "admin_token_file": str(directory / "token"),
        "allow_local": "true",
        **settings,
    }
    names = ["catalog"] * catalogs + ["scheduler"] * schedulers + ["executor"] * executors + ["alert-bridge"]
    parts = []
    for number, name in enumerate(names):
        port = free_port()
        environment = _environment(directory, listen=f"127.0.0.1:{port}", **common)
        parts.append(Part(name, [str(BIN / f"opsimate-{name}")], environment, port, directory / f"{name}-{number}.log"))
    return Product("distributed", directory, parts, token, parts[0], parts[-1])
