"""Prometheus's Alertmanager for tests: the real sender of the webhooks that the alert-bridge takes."""

import tempfile
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path

from tests.servers import programs
from tests.servers.ports import free_port
from tests.servers.process import ServerProcess, remove
from tests.servers.sources import ALERTMANAGER


class Alertmanager:
    """An Alertmanager to be started with a configuration of the test's own."""

    def __init__(self) -> None:
        """`ServerMissing` where there is none."""
        ALERTMANAGER.source()
        self._directory = Path(tempfile.mkdtemp(prefix="opsimate-alertmanager-"))
        self._process: ServerProcess | None = None

    def start(self, config_yaml: str) -> str:
        """Start it; the address of its API (alerts are posted to `/api/v2/alerts`) when it is ready."""
        program, port = programs.alertmanager(), free_port()
        assert program is not None
        config = self._directory / "alertmanager.yml"
        config.write_text(config_yaml)
        command: list[str | Path] = [
            program,
            f"--config.file={config}",
            f"--storage.path={self._directory / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",  # else it listens for others of its kind
        ]
        self.stop()
        log = self._directory / "output.log"
        self._process = ServerProcess(command, directory=self._directory, log=log)
        self._process.wait_until(lambda: _is_ready(port))
        return f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        """End it; what it knew of alerts stays for the next start."""
        if self._process:
            self._process.stop()
            self._process.end()
            self._process = None

    def close(self) -> None:
        """End it and remove its data."""
        if self._process:
            self._process.end()
        remove(self._directory)


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=2) as response:
            return bool(response.status == HTTPStatus.OK)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
