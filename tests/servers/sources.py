"""Where a test gets a server from: an address in the environment, a container, or a program of this machine."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from tests.servers import engine, programs, stand_in


class Source(Enum):
    """In the order in which they are preferred."""

    ADDRESS = "address"
    CONTAINER = "container"
    PROGRAM = "program"


class ServerMissing(Exception):  # noqa: N818 - a state of the machine, which says how to change it
    """No server of a kind can be had here; the text says how to get one."""


@dataclass(frozen=True)
class Wanted:
    """A kind of server that tests need, and the ways to get one."""

    name: str
    program: Callable[[], str | None]
    """What this machine would run, in words; None where it lacks something."""
    otherwise: str
    """What to install where `make servers` does not."""
    variable: str | None = None
    """What names the address of one in the environment."""
    programs_variable: str | None = None
    """What names the programs of one; a named one is meant and goes before a container."""
    image: str | None = None

    def address(self) -> str | None:
        """The address that the environment gives."""
        return (os.environ.get(self.variable) or None) if self.variable else None

    def source(self, *, private: bool = False) -> Source:
        """The first source that there is; `ServerMissing` without any.

        A private server, to be stopped and killed, never comes from an address.
        """
        if self.address() and not private:
            return Source.ADDRESS
        named = self.programs_variable and os.environ.get(self.programs_variable)
        if self.image and not named and engine.has(self.image):
            return Source.CONTAINER
        if self.program():
            return Source.PROGRAM
        if named:
            raise ServerMissing(f"{self.programs_variable} is {named}, where no {self.name} is.")
        raise ServerMissing(self._how_to_get_one(private=private))

    def report(self) -> str:
        """Which server the tests use, in one line."""
        try:
            source = self.source()
        except ServerMissing:
            return f"{self.name}: none; get what is missing with `make servers`"
        if source is Source.ADDRESS:
            parts = urlsplit(self.address() or "")
            return f"{self.name}: at {parts.hostname}:{parts.port or 'its default port'}, from {self.variable}"
        what = f"a container of {self.image}" if source is Source.CONTAINER else self.program()
        return f"{self.name}: {what}"

    def _how_to_get_one(self, *, private: bool) -> str:
        ways = ["run `make servers` (on Debian as root it installs what is missing)", self.otherwise]
        if self.image:
            ways.append(f"start a container engine and `docker pull {self.image}`")
        if self.variable and not private:
            ways.append(f"set {self.variable} to the address of one")
        return f"{self.name} is missing on this machine. To get one: " + "; or ".join(ways) + "."


def _rabbitmq_program() -> str | None:
    folder = programs.rabbitmq_programs()
    return f"{folder}/rabbitmq-server" if folder else None


def _mongo_program() -> str | None:
    return stand_in.DESCRIPTION if programs.java() and stand_in.is_built() else None


def _sshd_program() -> str | None:
    sshd = programs.sshd()
    if sshd is None:
        return None
    major, minor = programs.sshd_version(sshd)
    return f"{sshd}, OpenSSH {major}.{minor}"


def _dropbear_program() -> str | None:
    """Only root can let another user log in to it."""
    found = programs.dropbear()
    return str(found) if found and os.geteuid() == 0 else None


def _alertmanager_program() -> str | None:
    found = programs.alertmanager()
    return str(found) if found else None


RABBITMQ = Wanted(
    "RabbitMQ",
    _rabbitmq_program,
    "install rabbitmq-server with your package manager (`brew install rabbitmq`)",
    variable="OPSIMATE_TEST_AMQP_URL",
    programs_variable=programs.RABBITMQ_VARIABLE,
    image="rabbitmq:4.2",
)
MONGO = Wanted(
    "MongoDB",
    _mongo_program,
    "install a JDK and Maven (`brew install openjdk maven`) and run `make servers` again",
    variable="OPSIMATE_TEST_MONGO_URL",
    image="mongo:8.0",
)
SSHD = Wanted(
    "sshd",
    _sshd_program,
    "install OpenSSH's server with your package manager",
    programs_variable=programs.SSHD_VARIABLE,
)
DROPBEAR = Wanted(
    "dropbear",
    _dropbear_program,
    "install dropbear with your package manager",
)
ALERTMANAGER = Wanted(
    "Alertmanager",
    _alertmanager_program,
    "install alertmanager from https://prometheus.io/download/ into a folder of PATH",
)
CHROMIUM = Wanted(
    "Chromium",
    lambda: str(found) if (found := programs.chromium()) else None,
    "install Chromium with your package manager",
)
ALL = (RABBITMQ, MONGO, SSHD, DROPBEAR, ALERTMANAGER, CHROMIUM)
