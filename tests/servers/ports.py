"""Free ports for servers that keep theirs across a restart."""

import os
import random
import socket
from collections import deque

# Below the range that systems hand out to outgoing connections: else one of those could take
# the port of a server while it is stopped.
_LOWEST, _HIGHEST = 20_000, 32_000
_chosen = random.SystemRandom()  # not the seeded one: test commands that run at once must differ
_given: deque[int] = deque(maxlen=1_000)
"""The latest ones: who was given one may not listen there yet."""
_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
"""Processes that share the tests give out different ports: none of them sees what another one has given."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on, and that nobody was given a moment ago."""
    while True:
        port = _chosen.randrange(_LOWEST + _WORKER, _HIGHEST, _WORKERS)
        if port not in _given and _is_free(port):
            _given.append(port)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def answer(port: int, greeting: bytes = b"", within: float = 2.0) -> bytes:
    """The first bytes that a server sends, after our greeting; empty when it does not answer."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=within) as connection:
            connection.sendall(greeting)
            return connection.recv(64)
    except OSError:
        return b""
