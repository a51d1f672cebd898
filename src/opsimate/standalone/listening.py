"""The address to listen at: whether it is free, who can reach it, and how it is written in a URL."""

import errno
import ipaddress
import os
import socket
from collections.abc import Mapping

from opsimate.errors import OpsimateError
from shared.settings import Listen

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not listened at


def up_with(*options: str, environment: Mapping[str, str] = os.environ) -> str:
    """What to type to start the product with these options, as whoever started this process started it."""
    given = " ".join(option for option in options if option)
    by_make = "MAKELEVEL" in environment
    return f'make up ARGS="{given}"' if by_make else f"opsimate up {given}"


def check_free(listen: Listen, *, besides: str = "") -> None:
    """Say what is wrong, where nothing could listen at this address.

    ``besides`` is what has to be typed besides another port, where this one is taken.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(listen.host, listen.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise _complaint(listen, error, besides) from error


def _complaint(listen: Listen, error: OSError, besides: str) -> OpsimateError:
    if error.errno == errno.EADDRINUSE:
        another = up_with(f"--port {listen.port + 1}", besides)
        start = "start a second product with a port and data of its own" if besides else "choose another port"
        return OpsimateError(
            f"Port {listen.port} is taken on {listen.host}: another program listens there.",
            hint=f"Stop it{'' if besides else ' (is another product running already?)'}, or {start}: {another}",
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
