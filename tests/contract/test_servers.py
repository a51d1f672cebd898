"""The servers that other tests stand on do what those tests take for granted."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import aio_pika
import asyncssh
import httpx
import psutil
import pytest
from pymongo import AsyncMongoClient, ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from tests.servers import engine, ordinary_user, sources
from tests.servers.alertmanager import Alertmanager
from tests.servers.mongo import MongoServer, answers
from tests.servers.presence import start_or_refuse
from tests.servers.process import ServerFailed, ServerProcess
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.sources import ServerMissing, Wanted
from tests.servers.sshd import SshServer

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to log in as somebody else")


# RabbitMQ


@pytest.mark.parametrize("ending", ["stop", "kill"])
async def test_a_confirmed_message_survives_the_end_of_the_broker(breakable_rabbitmq: RabbitMQ, ending: str) -> None:
    broker = breakable_rabbitmq
    async with await aio_pika.connect(broker.url) as connection:
        queue = await _quorum_queue(connection)
        await _publish(connection, queue.name, b"kept")

    await asyncio.to_thread(getattr(broker, ending))
    with pytest.raises(OSError, match=r"Connect call failed|refused"):
        await aio_pika.connect(broker.url)
    await asyncio.to_thread(broker.start)

    async with await aio_pika.connect(broker.url) as connection:
        queue = await _quorum_queue(connection)
        message = await queue.get(timeout=30)
        assert message.body == b"kept"
        await message.ack()


async def test_every_queue_of_a_broker_can_be_lost(rabbitmq: RabbitMQ) -> None:
    async with await aio_pika.connect(rabbitmq.url) as connection:
        queue = await _quorum_queue(connection)
        await _publish(connection, queue.name, b"lost")

        await asyncio.to_thread(rabbitmq.delete_all_queues)

        with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity):
            await (await connection.channel()).get_queue(queue.name, ensure=True)


async def _quorum_queue(connection: aio_pika.abc.AbstractConnection) -> aio_pika.abc.AbstractQueue:
    channel = await connection.channel()
    return await channel.declare_queue("servers-test", durable=True, arguments={"x-queue-type": "quorum"})


async def _publish(connection: aio_pika.abc.AbstractConnection, queue: str, body: bytes) -> None:
    """Returns when the broker has confirmed it."""
    channel = await connection.channel(publisher_confirms=True)
    message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await channel.default_exchange.publish(message, routing_key=queue)


# MongoDB


@pytest.fixture
async def database(mongo: MongoServer) -> Any:
    async with AsyncMongoClient[dict[str, Any]](mongo.database_url()) as client:
        yield client.get_default_database()


async def test_documents_are_found_again_with_their_changes(database: AsyncDatabase[dict[str, Any]]) -> None:
    await database.runs.insert_one({"_id": "r1", "state": "queued", "version": 1})

    changed = await database.runs.find_one_and_update(
        {"_id": "r1", "version": 1},
        {"$set": {"state": "running"}, "$inc": {"version": 1}},
        return_document=ReturnDocument.AFTER,
    )

    assert changed == {"_id": "r1", "state": "running", "version": 2}
    assert await database.runs.find_one({"state": "running"}) == changed
    assert await database.runs.find_one_and_update({"_id": "r1", "version": 1}, {"$set": {"a": 1}}) is None


async def test_a_unique_index_refuses_a_second_document(database: AsyncDatabase[dict[str, Any]]) -> None:
    await database.runs.create_index("request_id", unique=True)
    await database.runs.insert_one({"request_id": "once"})

    with pytest.raises(DuplicateKeyError):
        await database.runs.insert_one({"request_id": "once"})


def test_every_test_has_a_database_of_its_own(mongo: MongoServer) -> None:
    assert mongo.database_url() != mongo.database_url()


def test_a_mongodb_that_refuses_its_user_is_not_waited_for(mongo: MongoServer) -> None:
    address = mongo.url.split("//")[1].split("@")[-1]

    with pytest.raises(ServerFailed, match="refuses"):
        answers(f"mongodb://nobody:wrong@{address}")


# sshd


async def test_everybody_who_may_log_in_runs_commands(sshd: SshServer) -> None:
    for user in sshd.users:
        async with _login(sshd, username=user) as connection:
            result = await connection.run("id -un", check=True)
        assert result.stdout == f"{user}\n"


@as_root
def test_root_and_an_ordinary_user_may_log_in(sshd: SshServer) -> None:
    assert sshd.users == [ordinary_user.NAME, "root"]


@as_root
async def test_the_ordinary_user_may_log_in_with_the_password(sshd: SshServer) -> None:
    async with _login(sshd, client_keys=None, password=sshd.password) as connection:
        await connection.run("true", check=True)
    with pytest.raises(asyncssh.PermissionDenied):
        await _login(sshd, client_keys=None, password="wrong")


async def test_a_rotated_host_key_is_noticed(own_sshd: Callable[..., SshServer]) -> None:
    server = own_sshd()
    known, shown = _known_hosts(server), server.host_key_fingerprint
    async with _login(server, known_hosts=known) as connection:
        assert connection.get_server_host_key().get_fingerprint() == shown

    server.rotate_host_key()

    assert server.host_key_fingerprint != shown
    with pytest.raises(asyncssh.HostKeyNotVerifiable):
        await _login(server, known_hosts=known)


async def test_dropped_connections_leave_their_commands_running(own_sshd: Callable[..., SshServer]) -> None:
    server = own_sshd()
    connection = await _login(server)
    process = await connection.create_process("echo $$; exec sleep 600")
    command = psutil.Process(int(await process.stdout.readline()))

    server.drop_connections()
    await connection.wait_closed()
    assert command.is_running()
    async with _login(server) as again:
        await again.run("true", check=True)

    server.close()
    assert not command.is_running()


async def test_a_stopped_provider_refuses_and_a_started_one_accepts(own_sshd: Callable[..., SshServer]) -> None:
    server = own_sshd()
    connection = await _login(server)

    server.stop()
    await connection.wait_closed()
    with pytest.raises(ConnectionRefusedError):
        await _login(server)

    server.start()
    async with _login(server) as connection:
        await connection.run("true", check=True)
    assert "Accepted publickey for" in server.log


async def test_a_provider_allows_only_so_many_sessions(own_sshd: Callable[..., SshServer]) -> None:
    async with _login(own_sshd(max_sessions=1)) as connection, connection.create_process("cat"):
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.run("true")


async def test_a_provider_can_be_a_jump_host(sshd: SshServer, own_sshd: Callable[..., SshServer]) -> None:
    behind = own_sshd()
    async with _login(sshd) as jump, _login(behind, tunnel=jump) as connection:
        await connection.run("true", check=True)


def _login(server: SshServer, **options: Any) -> Any:
    return asyncssh.connect(
        server.host,
        server.port,
        **{
            "username": server.user,
            "client_keys": [str(server.private_key_path)],
            "known_hosts": _known_hosts(server),
            "config": None,
            "agent_path": None,
            **options,
        },
    )


def _known_hosts(server: SshServer) -> asyncssh.SSHKnownHosts:
    return asyncssh.import_known_hosts(f"[{server.host}]:{server.port} {server.host_key}\n")


# Alertmanager


@pytest.fixture
def webhooks() -> Iterator[tuple[str, Queue[dict[str, Any]]]]:
    """The address of a receiver of webhooks, and what it has received."""
    received: Queue[dict[str, Any]] = Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", received
        server.shutdown()
        thread.join()


def test_alertmanager_sends_what_fires_to_a_webhook(
    alertmanager: Alertmanager, webhooks: tuple[str, Queue[dict[str, Any]]]
) -> None:
    receiver, received = webhooks
    url = alertmanager.start(f"""
route: {{receiver: test, group_wait: 0s}}
receivers: [{{name: test, webhook_configs: [{{url: '{receiver}'}}]}}]
""")

    httpx.post(f"{url}/api/v2/alerts", json=[{"labels": {"alertname": "DiskFull"}}]).raise_for_status()

    sent = received.get(timeout=30)
    assert sent["status"] == "firing"
    assert sent["alerts"][0]["labels"] == {"alertname": "DiskFull"}


# Processes


def test_a_server_dies_with_the_tests_that_started_it_even_when_they_are_killed(tmp_path: Path) -> None:
    directory = tmp_path / "of-the-server"
    directory.mkdir()
    owner = subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(directory), str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    daemon = psutil.Process(int(owner.stdout.readline()))

    owner.send_signal(signal.SIGKILL)
    owner.communicate()

    deadline = time.monotonic() + 30
    while directory.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert not daemon.is_running()


_OWNER = """
import sys, time
from pathlib import Path
from tests.servers.presence import start_or_refuse
from tests.servers.process import ServerProcess

directory = Path(sys.argv[1])
written = directory / "daemon"
daemon = f"(setsid sh -c 'echo $$ > {written}; exec sleep 600' &)"  # leaves its group and its parent
server = ServerProcess(["sh", "-c", daemon + "; exec sleep 600"], directory=directory, log=Path(sys.argv[2]))
server.wait_until(lambda: written.exists() and bool(written.read_text()))
print(written.read_text().strip(), flush=True)
time.sleep(600)
"""


def test_a_server_that_ends_at_its_start_says_why(tmp_path: Path) -> None:
    server = ServerProcess(["sh", "-c", "echo the port is taken; exit 1"], directory=tmp_path, log=tmp_path / "log")

    with pytest.raises(ServerFailed, match="the port is taken"):
        server.wait_until(lambda: False)


# Sources


def test_an_address_in_the_environment_goes_first_and_its_password_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPSIMATE_TEST_AMQP_URL", "amqp://someone:hidden@broker.example:5673/")

    assert sources.RABBITMQ.source() is sources.Source.ADDRESS
    assert sources.RABBITMQ.report() == "RabbitMQ: at broker.example:5673, from OPSIMATE_TEST_AMQP_URL"


def test_a_server_to_stop_and_kill_is_never_the_one_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPSIMATE_TEST_AMQP_URL", "amqp://broker.example/")
    here = Wanted("RabbitMQ", lambda: "a program", "install it", variable="OPSIMATE_TEST_AMQP_URL")

    assert here.source(private=True) is sources.Source.PROGRAM


def test_a_socket_that_no_engine_listens_at_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as abandoned:
        abandoned.bind(str(tmp_path / "engine.sock"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/engine.sock")

    assert not engine.answers.__wrapped__()


def test_a_missing_server_says_how_to_get_one() -> None:
    nowhere = Wanted("Zebra", lambda: None, "install zebra", variable="OPSIMATE_TEST_ZEBRA_URL", image="zebra:0")

    with pytest.raises(ServerMissing, match=r"Zebra is missing.*make servers.*install zebra.*zebra:0.*ZEBRA_URL"):
        nowhere.source()


@pytest.mark.parametrize(("ci", "refusal"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_a_test_without_its_server_is_skipped_and_fails_under_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, refusal: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)

    def start() -> None:
        raise ServerMissing("how to get one")

    with pytest.raises(refusal, match="how to get one"):
        start_or_refuse(start)
