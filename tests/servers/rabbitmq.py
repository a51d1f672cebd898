"""RabbitMQ for tests: shared by all, or a private one to stop, restart and kill."""

import os
import secrets
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from tests.servers import engine, programs
from tests.servers.ports import answer, free_port
from tests.servers.process import ServerFailed, ServerProcess, remove
from tests.servers.sources import RABBITMQ, Source

_AMQP_GREETING = b"AMQP\x00\x00\x09\x01"
_DELETE_ALL_QUEUES = '[rabbit_amqqueue:delete(Q, false, false, <<"tests">>) || Q <- rabbit_amqqueue:list()].'
# RabbitMQ writes the names of its quorum queues to disk up to a second after it has declared them; a queue whose
# name is lost answers nobody after the next start. Tests that kill a broker are about messages, so names go first.
_WRITE_QUEUE_NAMES = "[dets:sync(Table) || Table <- dets:all()]."
_HOSTS_AT_ONCE = 6
"""Virtual hosts made by one command, which takes half a second of CPU for one and hardly more for six."""
_LOOPBACK_ONLY = "-kernel inet_dist_use_interface {127,0,0,1}"


class RabbitMQ(ABC):
    """A started broker. Its methods block: in a coroutine use `await asyncio.to_thread(broker.restart)`."""

    url: str
    """Where AMQP 0.9.1 is spoken, with user and password; the same after every start."""

    @abstractmethod
    def start(self) -> None:
        """Start it again, with the data it had; returns when it answers AMQP (about 6 s)."""

    @abstractmethod
    def stop(self) -> None:
        """End it in an orderly way. The data stay."""

    @abstractmethod
    def kill(self) -> None:
        """End it without warning, as a power cut does (after half a second). Queues declared and messages
        confirmed before the call stay.
        """

    @abstractmethod
    def delete_all_queues(self) -> None:
        """Delete every queue with its messages, behind the back of all clients (half a second)."""

    @abstractmethod
    def virtual_host(self) -> str:
        """The address of a new virtual host: exchanges and queues of its own in the same broker."""

    @abstractmethod
    def set_memory_alarm(self, *, on: bool) -> None:
        """Have it find that it uses too much memory, or that all is well again (a second)."""

    @abstractmethod
    def close(self) -> None:
        """End it and remove its data."""

    def restart(self) -> None:
        """Stop and start it."""
        self.stop()
        self.start()


def shared_rabbitmq() -> RabbitMQ:
    """The broker that the environment names, or else one of our own; `ServerMissing` where none can be had."""
    return RabbitMQAtAddress() if RABBITMQ.source() is Source.ADDRESS else private_rabbitmq()


def private_rabbitmq() -> RabbitMQ:
    """A broker of one's own, to stop and kill; `ServerMissing` where none can be had."""
    if RABBITMQ.source(private=True) is Source.CONTAINER:
        return RabbitMQContainer()
    return RabbitMQProgram()


class RabbitMQAtAddress(RabbitMQ):
    """A broker that others run: it can be used, and nothing else."""

    def __init__(self) -> None:
        self.url = RABBITMQ.address() or ""

    def start(self) -> None:
        self._not_ours()

    def stop(self) -> None:
        self._not_ours()

    def kill(self) -> None:
        self._not_ours()

    def delete_all_queues(self) -> None:
        self._not_ours()

    def virtual_host(self) -> str:
        self._not_ours()

    def set_memory_alarm(self, *, on: bool) -> None:  # noqa: ARG002 - the port's own name
        self._not_ours()

    def close(self) -> None:
        """Leaves it running."""

    def _not_ours(self) -> NoReturn:
        raise ServerFailed(f"The broker that {RABBITMQ.variable} names is not ours; take breakable_rabbitmq")


class _VirtualHosts:
    """Those of one broker that nobody has used yet."""

    def __init__(self, url: str, evaluate: Callable[[str], object]) -> None:
        self._url = url
        self._evaluate = evaluate
        self._unused: list[str] = []

    def new(self) -> str:
        """The address of one of them."""
        if not self._unused:
            names = [_new_name() for _ in range(_HOSTS_AT_ONCE)]
            self._evaluate(f"{', '.join(_make_virtual_host(name, self._url) for name in names)}.")
            self._unused = names
        return f"{self._url}{self._unused.pop()}"


class RabbitMQContainer(RabbitMQ):
    """A container of RabbitMQ's image."""

    def __init__(self) -> None:
        user, password, self._port = _new_name(), secrets.token_urlsafe(), free_port()
        self.url = f"amqp://{user}:{password}@127.0.0.1:{self._port}/"
        self._container = engine.Container(
            RABBITMQ.image or "",
            port=5672,
            published_at=self._port,
            environment={"RABBITMQ_DEFAULT_USER": user, "RABBITMQ_DEFAULT_PASS": password},
        )
        self._wait()
        self._hosts = _VirtualHosts(self.url, lambda erlang: self._container.run(["rabbitmqctl", "eval", erlang]))

    def start(self) -> None:
        self._container.start()
        self._wait()

    def stop(self) -> None:
        self._container.stop()

    def kill(self) -> None:
        self._container.run(["rabbitmqctl", "eval", _WRITE_QUEUE_NAMES])
        self._container.kill()

    def delete_all_queues(self) -> None:
        self._container.run(["rabbitmqctl", "eval", _DELETE_ALL_QUEUES])

    def virtual_host(self) -> str:
        return self._hosts.new()

    def set_memory_alarm(self, *, on: bool) -> None:
        self._container.run(["rabbitmqctl", *_watermark(on)])

    def close(self) -> None:
        self._container.remove()

    def _wait(self) -> None:
        self._container.wait_until(lambda: bool(answer(self._port, _AMQP_GREETING)))


class RabbitMQProgram(RabbitMQ):
    """The RabbitMQ of this machine, with a node name, ports and data of its own."""

    def __init__(self) -> None:
        programs_folder = programs.rabbitmq_programs()
        assert programs_folder is not None
        self._programs = programs_folder
        self._directory = Path(tempfile.mkdtemp(prefix="opsimate-rabbitmq-"))
        self._node = f"{_new_name()}@localhost"
        self._port = free_port()
        self.url = self._configure()
        self._environment = self._own_environment()
        self._process = self._started()
        self._hosts = _VirtualHosts(self.url, lambda erlang: self._control("eval", erlang))

    def start(self) -> None:
        self._process = self._started()

    def stop(self) -> None:
        self._process.stop()
        self._process.end()

    def kill(self) -> None:
        self._control("eval", _WRITE_QUEUE_NAMES)
        self._process.end()

    def delete_all_queues(self) -> None:
        self._control("eval", _DELETE_ALL_QUEUES)

    def virtual_host(self) -> str:
        return self._hosts.new()

    def set_memory_alarm(self, *, on: bool) -> None:
        self._control(*_watermark(on))

    def close(self) -> None:
        self._process.end()
        remove(self._directory)

    def _started(self) -> ServerProcess:
        process = ServerProcess(
            [self._programs / "rabbitmq-server"],
            directory=self._directory,
            log=self._directory / "output.log",
            environment=self._environment,
        )
        process.wait_until(lambda: bool(answer(self._port, _AMQP_GREETING)))
        return process

    def _configure(self) -> str:
        """Write the configuration; the address that it makes."""
        user, password = _new_name(), secrets.token_urlsafe()
        (self._directory / "rabbitmq.conf").write_text(
            f"listeners.tcp.default = 127.0.0.1:{self._port}\ndefault_user = {user}\ndefault_pass = {password}\n"
        )
        (self._directory / "plugins").write_text("[].\n")
        return f"amqp://{user}:{password}@127.0.0.1:{self._port}/"

    def _own_environment(self) -> dict[str, str]:
        """Nothing may come from, or go to, a RabbitMQ that this machine runs for others."""
        directory = self._directory
        return {
            "HOME": str(directory),  # the Erlang cookie lies there
            "RABBITMQ_NODENAME": self._node,
            "RABBITMQ_MNESIA_BASE": str(directory / "data"),
            "RABBITMQ_LOG_BASE": str(directory / "log"),
            "RABBITMQ_CONFIG_FILE": str(directory / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(directory / "no-such-file"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "plugins"),
            **self._no_plugins(),
            "RABBITMQ_PID_FILE": str(directory / "pid"),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _LOOPBACK_ONLY,
            "RABBITMQ_CTL_ERL_ARGS": _LOOPBACK_ONLY,
            "ERL_EPMD_PORT": str(free_port()),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def _no_plugins(self) -> dict[str, str]:
        """A folder of plugins with the broker itself in it, which has the schema of its configuration: it reads about
        all that are there at every start, though it uses none, and that takes a third of the start.
        """
        folder = self._directory / "plugins-there"
        for broker in (self._programs / "rabbitmq-server").resolve().parents[1].glob("plugins/rabbit-[0-9]*"):
            folder.mkdir()
            (folder / broker.name).symlink_to(broker)
            return {"RABBITMQ_PLUGINS_DIR": str(folder)}
        return {}

    def _control(self, *arguments: str) -> None:
        result = subprocess.run(
            [self._programs / "rabbitmqctl", "-n", self._node, *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env={**os.environ, **self._environment},
        )
        if result.returncode:
            raise ServerFailed(f"rabbitmqctl {arguments[0]} failed: {result.stdout}{result.stderr}")


def _watermark(alarm: bool) -> list[str]:
    """The command by which the memory that the broker has is, or is not, beyond what it may use."""
    return ["set_vm_memory_high_watermark", *(["absolute", "1MB"] if alarm else ["0.9"])]


def _make_virtual_host(name: str, url: str) -> str:
    """What has the broker make a virtual host that the user of the address may do everything in."""
    host, user, everything, maker = (f'<<"{text}">>' for text in (name, urlsplit(url).username, ".*", "tests"))
    return (
        f"rabbit_vhost:add({host}, {maker}), "
        f"rabbit_auth_backend_internal:set_permissions({user}, {host}, {', '.join([everything] * 3)}, {maker})"
    )


def _new_name() -> str:
    return f"test-{secrets.token_hex(4)}"
