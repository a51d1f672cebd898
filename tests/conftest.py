"""Fixtures that every suite may use. A server starts with the first test that asks for it."""

import signal
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from pymongo import monitoring

from tests import scratch
from tests.servers import sources
from tests.servers.alertmanager import Alertmanager
from tests.servers.mongo import MongoServer, shared_mongo
from tests.servers.mongo_commands import CommandRecord
from tests.servers.presence import start_or_refuse
from tests.servers.rabbitmq import RabbitMQ, RabbitMQAtAddress, private_rabbitmq, shared_rabbitmq
from tests.servers.sshd import SshServer
from tests.stage import Ledger

_SERVERS_OF_FIXTURES = {
    "rabbitmq": sources.RABBITMQ,
    "virtual_host": sources.RABBITMQ,
    "breakable_rabbitmq": sources.RABBITMQ,
    "mongo": sources.MONGO,
    "sshd": sources.SSHD,
    "own_sshd": sources.SSHD,
    "alertmanager": sources.ALERTMANAGER,
    "chromium": sources.CHROMIUM,
}
_RECORD = CommandRecord()
_TESTS = Path(__file__).parent
LONGEST_NAME = 500
"""Characters of a value in the name of a test."""
_LONGEST_FIRST = ("chaos", "integration/test_cli.py", "console", "e2e", "contract", "integration", "unit")


def pytest_configure(config: pytest.Config) -> None:
    """Let Ctrl-C mean what it means, also where the tests run in the background and inherited to ignore it.

    And hear the commands of every MongoDB client from the first one on.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.add_cleanup(scratch.use_memory())
    monitoring.register(_RECORD)
    # No example is timed: how long one takes says how busy the machine is, and nothing else.
    settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("tests")
    config.pluginmanager.register(_ServersOfWorkers())


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Where several processes share the tests: what takes long first, so that none is left with it alone in the end,
    and what shares a fixture that is dear in one of them. Those that mostly wait come in turn with those that work.

    Groups are told before xdist reads them, and the order is made after it has become random.
    """
    is_shared = config.pluginmanager.hasplugin("xdist")
    if is_shared:
        for item in items:
            item.add_marker(pytest.mark.xdist_group(_group_of(item)))
    yield
    if is_shared:
        is_read = all(item.nodeid.endswith(f"@{_group_of(item)}") for item in items)
        assert is_read or not getattr(config.option, "loadgroup", False), "pytest-xdist reads no group of a test"
        items[:] = _ordered(items)


def pytest_make_parametrize_id(val: object) -> str | None:
    """A long text is named by its beginning: some have megabytes, and every report of a worker holds the name."""
    if not isinstance(val, str | bytes) or len(val) <= LONGEST_NAME:
        return None
    return f"{ascii(val[:40])[1:-1]}...{len(val)}"


def _ordered(items: list[pytest.Item]) -> list[pytest.Item]:
    groups: dict[str, list[pytest.Item]] = {}
    for item in sorted(items, key=_rank_of):
        groups.setdefault(_group_of(item), []).append(item)
    waiting = [group for group in groups.values() if _rank_of(group[0]) == 0]
    working = [group for group in groups.values() if _rank_of(group[0]) > 0]
    none: list[pytest.Item] = []
    return [item for pair in zip_longest(waiting, working, fillvalue=none) for group in pair for item in group]


def _rank_of(item: pytest.Item) -> int:
    return _rank_of_file(item.path)


@cache
def _rank_of_file(file: Path) -> int:
    path = file.relative_to(_TESTS).as_posix()
    return next((rank for rank, suite in enumerate(_LONGEST_FIRST) if path.startswith(suite)), len(_LONGEST_FIRST))


def _group_of(item: pytest.Item) -> str:
    """A file; or all tests that use one product or one broker; or, where tests mostly wait, the test alone."""
    parameters: dict[str, object] = getattr(getattr(item, "callspec", None), "params", {})
    fixtures: list[str] = getattr(item, "fixturenames", [])
    for shared in ("product", "shared_product", "site", "breakable_rabbitmq"):
        if shared in fixtures:
            return f"{shared} {parameters.get(shared)}"
    return f"{item.path} {item.name}" if _rank_of(item) == 0 else str(item.path)


def _servers_of(items: list[pytest.Item]) -> list[str]:
    """Which servers the chosen tests use, in a sentence each."""
    asked_for = {name for item in items for name in getattr(item, "fixturenames", ())}
    wanted = {server for name, server in _SERVERS_OF_FIXTURES.items() if name in asked_for}
    return sorted(server.report() for server in wanted)


def pytest_report_collectionfinish(items: list[pytest.Item]) -> list[str]:
    """Which servers there are; the header would not be seen with `-q`."""
    return _servers_of(items)


class _ServersOfWorkers:
    """Tells the same where the tests run in several processes, of which the one that reports knows no test."""

    def __init__(self) -> None:
        self._servers: list[str] = []

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["servers"] = _servers_of(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:  # noqa: ARG002 - the hook's own name
        self._servers = getattr(node, "workeroutput", {}).get("servers", self._servers)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in self._servers:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQ]:
    """The broker that tests share."""
    with closing(start_or_refuse(shared_rabbitmq)) as broker:
        yield broker


@pytest.fixture(scope="session")
def our_rabbitmq(rabbitmq: RabbitMQ) -> Iterator[RabbitMQ]:
    """The broker that tests share, or where others run that one, one of our own: virtual hosts can be made in it."""
    if isinstance(rabbitmq, RabbitMQAtAddress):
        with closing(start_or_refuse(private_rabbitmq)) as broker:
            yield broker
    else:
        yield rabbitmq


@pytest.fixture
def virtual_host(our_rabbitmq: RabbitMQ) -> str:
    """The address of a broker's exchanges and queues that no other test uses; nobody stops or kills it."""
    return our_rabbitmq.virtual_host()


@pytest.fixture(scope="session")
def breakable_rabbitmq() -> Iterator[RabbitMQ]:
    """A broker for the tests that stop it, kill it or hurt it, and leave it well."""
    with closing(start_or_refuse(private_rabbitmq)) as broker:
        yield broker


@pytest.fixture(scope="session")
def mongo() -> Iterator[MongoServer]:
    """The MongoDB that tests share, each with a database of its own: `mongo.database_url()`."""
    with closing(start_or_refuse(shared_mongo)) as server:
        yield server


@pytest.fixture(autouse=True)
def mongo_commands() -> Iterator[CommandRecord]:
    """What this process sends to MongoDB; a test during which it sends what not every server takes fails."""
    _RECORD.counts.clear()
    _RECORD.faults.clear()
    yield _RECORD
    assert not _RECORD.faults


@pytest.fixture(scope="session")
def sshd() -> Iterator[SshServer]:
    """The provider that tests share."""
    with closing(start_or_refuse(SshServer)) as server:
        yield server


@pytest.fixture
def own_sshd() -> Iterator[Callable[..., SshServer]]:
    """Starts providers of the test's own, with the keyword arguments of `SshServer`: `own_sshd(max_sessions=2)`."""
    with ExitStack() as started:
        yield lambda **knobs: started.enter_context(closing(start_or_refuse(lambda: SshServer(**knobs))))


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """A file in which commands leave a line each time they really run, whichever user runs them."""
    with tempfile.TemporaryDirectory(prefix="opsimate-ledger-") as directory:
        yield Ledger(Path(directory) / "ledger")


@pytest.fixture
def alertmanager() -> Iterator[Alertmanager]:
    """An Alertmanager for this test: `url = alertmanager.start(config_yaml)`."""
    with closing(start_or_refuse(Alertmanager)) as server:
        yield server
