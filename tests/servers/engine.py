"""The container engine of this machine, if one answers, and the containers that tests run in it.

docker and testcontainers are imported only where an engine answers: elsewhere they only cost time.
"""

import atexit
import contextlib
import functools
import os
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.servers.process import ServerFailed

# Removes the containers of a test command that was killed. Without its image they outlive such a command.
REAPER = "testcontainers/ryuk:0.8.1"


@functools.cache
def answers() -> bool:
    """Whether a container engine on this machine answers within two seconds, at a socket that we may use."""
    address = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not address.startswith("unix://"):  # what it starts would listen on another machine
        return False
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(address.removeprefix("unix://"))
            connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


@functools.cache
def has(image: str) -> bool:
    """Whether a container of this image can be started without asking a network for it."""
    return answers() and not _refusal(lambda engine: engine.images.get(image))


def pull(image: str) -> str:
    """Fetch an image; why it could not be had, or nothing."""
    has.cache_clear()
    return _refusal(lambda engine: engine.images.pull(image), timeout=600)


class Container:
    """A started container whose one port is published on 127.0.0.1, at the same port after each start."""

    def __init__(self, image: str, *, port: int, published_at: int, environment: Mapping[str, str]) -> None:
        from testcontainers.core.config import testcontainers_config
        from testcontainers.core.container import DockerContainer

        testcontainers_config.ryuk_disabled = not has(REAPER)
        self._container = DockerContainer(image, env=dict(environment))
        # Its own methods publish on every address of this machine.
        self._container.ports[f"{port}/tcp"] = ("127.0.0.1", published_at)  # type: ignore[assignment]
        atexit.register(self.remove)  # without the reaper's image nothing else does after Ctrl-C
        self._container.start()

    def start(self) -> None:
        self._container.get_wrapped_container().start()

    def stop(self) -> None:
        self._container.get_wrapped_container().stop()

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def wait_until(self, ready: Callable[[], bool], *, within: float = 90) -> None:
        """Return when the server in it is ready; `ServerFailed`, with its log, when that takes too long."""
        deadline = time.monotonic() + within
        while not ready():
            if time.monotonic() > deadline:
                output, errors = self._container.get_logs()
                self.remove()
                raise ServerFailed(f"{self._container.image} was not ready: {(output + errors)[-3000:].decode()}")
            time.sleep(0.1)

    def run(self, command: list[str]) -> None:
        """Run a command in the container; `ServerFailed` with its output when it fails."""
        result = self._container.exec(command)
        if result.exit_code:
            raise ServerFailed(f"{command[0]} failed: {result.output.decode(errors='replace')}")

    def remove(self) -> None:
        """Remove it with its data; it need not be stopped before."""
        atexit.unregister(self.remove)
        self._container.stop()


def _refusal(ask: Callable[[Any], object], *, timeout: float = 10) -> str:
    """Why the engine does not do as it is asked, or nothing."""
    import docker  # type: ignore[import-untyped] # it has no types, and there is no other client

    with contextlib.closing(docker.from_env(timeout=timeout)) as engine:
        try:
            ask(engine)
        except docker.errors.APIError as reason:
            return str(reason)
        return ""
