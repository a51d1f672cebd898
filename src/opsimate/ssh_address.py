"""``USER@HOST[:PORT]``, as people write it for ssh."""

import re
from typing import NamedTuple

DEFAULT_PORT = 22
HIGHEST_PORT = 65_535

_ADDRESS = re.compile(r"(?P<user>[^@\s]+)@(?:\[(?P<ipv6>[^\]\s]+)\]|(?P<host>[^:\[\]\s]+))(?::(?P<port>\d+))?")


class SshAddress(NamedTuple):
    """Where and as whom to log in."""

    user: str
    host: str
    port: int


def ssh_address(text: str) -> SshAddress:
    """The parts of an address; ``ValueError`` with what is wrong."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise ValueError(_complaint(text))
    port = int(found["port"] or DEFAULT_PORT)
    if not 1 <= port <= HIGHEST_PORT:
        message = f"a port lies between 1 and {HIGHEST_PORT}, not at {port}"
        raise ValueError(message)
    return SshAddress(found["user"], found["ipv6"] or found["host"], port)


def _complaint(text: str) -> str:
    user, at, host = text.rpartition("@")
    if not at or not user:
        return f"'{text}' does not say as whom to log in; write it as USER@HOST or USER@HOST:PORT"
    if host.count(":") > 1 and not host.startswith("["):
        return f"put an IPv6 address in brackets: {user}@[{host}]:{DEFAULT_PORT}"
    return f"'{text}' is no address; write it as USER@HOST or USER@HOST:PORT"
