"""The address to listen at: whether it is free, who can reach it, and how it is written in a URL."""

import errno
import ipaddress
import socket

from opsimate.errors import OpsimateError
from shared.settings import Listen

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not listened at


def check_free(listen: Listen) -> None:
    """Say what is wrong, where nothing could listen at this address."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(listen.host, listen.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise _complaint(listen, error) from error


def _complaint(listen: Listen, error: OSError) -> OpsimateError:
    if error.errno == errno.EADDRINUSE:
        another = f"--port {listen.port + 1}"
        return OpsimateError(
            f"Port {listen.port} is taken on {listen.host}: another program listens there.",
            hint=f"Stop it (is 'opsimate up' running already?), or choose another port: {another}, "
            f'with make: make up ARGS="{another}"',
        )
    if error.errno == errno.EACCES:
        return OpsimateError(
            f"Port {listen.port} may not be listened at by this user.", hint="Choose one above 1023 with --port."
        )
    return OpsimateError(
        f"Nothing can listen at {listen.host}: {error.strerror or error}.",
        hint="Give an address of this machine with --host.",
    )


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine reach the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def url_of(address: str) -> str:
    """The URL under which this machine itself reaches an address such as ``0.0.0.0:8080``."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    return f"http://{Listen(host=_ANY.get(host, host), port=int(port))}"
