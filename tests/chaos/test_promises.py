"""The promises that stand when things break, each named after itself."""

import asyncio
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import httpx
import pytest

from shared.bus import message_bus
from shared.contracts.run import ExecuteStep
from tests.product import PROBE, Product, distributed, embedded, eventually
from tests.servers.mongo import MongoServer
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.sshd import SshServer
from tests.stage import Ledger, action, set_stage

pytestmark = pytest.mark.timeout(240)

LEASE = "6s"
"""Short, so that what is lost is soon known to be; one test keeps the lease that the product has by itself."""
DEFAULT_LEASE = "20s"


@contextmanager
def on_stage(product: Product, sshd: SshServer) -> Iterator[Product]:
    """The product, running, with its provider."""
    try:
        set_stage(product.forked().start(), sshd)
        yield product
    finally:
        product.discard()


@pytest.fixture(scope="module", params=["embedded", "distributed"])
def shared_product(request: pytest.FixtureRequest, sshd: SshServer) -> Iterator[Product]:
    """A product in each form, which the tests of this module share; it thinks attempts lost after six seconds."""
    if request.param == "embedded":
        new = embedded(lease=LEASE)
    else:
        mongo: MongoServer = request.getfixturevalue("mongo")
        broker: RabbitMQ = request.getfixturevalue("our_rabbitmq")
        new = distributed(mongo.database_url(), broker.virtual_host(), lease=LEASE)
    with on_stage(new, sshd) as product:
        yield product


@pytest.fixture
def either(shared_product: Product) -> Product:
    """The shared product, well, whatever the test before it did."""
    if not all(part.is_running for part in shared_product.parts):
        shared_product.stop()
        shared_product.start()
    return shared_product


async def publish(url: str, *messages: ExecuteStep) -> None:
    bus = message_bus(url)
    await bus.open()
    for message in messages:
        await bus.publish(message)
    await bus.close()


def attempt_of(run: dict[str, object]) -> str:
    return f"{run['id']}.000.0000.01"


def test_a_run_survives_the_loss_of_every_queue(
    mongo: MongoServer, breakable_rabbitmq: RabbitMQ, sshd: SshServer, ledger: Ledger
) -> None:
    with on_stage(distributed(mongo.database_url(), breakable_rabbitmq.virtual_host()), sshd) as product:
        name = action(product, "survivor", ledger.entry("one") + "; sleep 2", ledger.entry("two"))
        product.part("executor").kill()
        waiting = product.run(name)["id"]
        eventually(lambda: product.show(waiting)["state"] == "running")
        breakable_rabbitmq.delete_all_queues()
        product.part("executor").start()
        assert product.ended(waiting, within=90)["state"] == "succeeded"
        assert Counter(ledger.lines) == {"one": 1, "two": 1}


def test_a_redelivered_command_does_not_run_twice(
    mongo: MongoServer, virtual_host: str, sshd: SshServer, ledger: Ledger
) -> None:
    with on_stage(distributed(mongo.database_url(), virtual_host, executors=2), sshd) as product:
        run = product.run(action(product, "once", ledger.entry() + "; sleep 1"))
        command = ExecuteStep(attempt_id=attempt_of(run), run_id=run["id"], pool="default")
        product.running(run["id"])
        asyncio.run(publish(virtual_host, *[command] * 50))
        product.ended(run["id"])
        asyncio.run(publish(virtual_host, *[command] * 50))
        assert product.result(action(product, "after", "true"))["state"] == "succeeded"
        assert ledger.lines == ["x"]


def test_two_executors_never_hold_one_attempt(
    mongo: MongoServer, virtual_host: str, sshd: SshServer, ledger: Ledger
) -> None:
    with on_stage(distributed(mongo.database_url(), virtual_host, executors=3), sshd) as product:
        name = action(product, "contended", ledger.entry("{{ n }}"), parameters=[{"name": "n", "type": "integer"}])
        runs = [product.run(name, {"n": number}) for number in range(40)]
        doubles = [ExecuteStep(attempt_id=attempt_of(run), run_id=run["id"], pool="default") for run in runs]
        asyncio.run(publish(virtual_host, *doubles, *doubles))
        assert {product.ended(run["id"])["state"] for run in runs} == {"succeeded"}
        assert Counter(ledger.lines) == {str(number): 1 for number in range(40)}
        executors = {product.show(run["id"])["steps"][0]["attempts"][0]["executor"] for run in runs}
        assert len(executors) > 1, "the work was not shared, so nothing was shown"


@pytest.mark.parametrize("on_lost", ["hold", "rerun"])
def test_an_executor_killed_mid_step_is_noticed_and_nothing_runs_twice_in_silence(
    mongo: MongoServer, virtual_host: str, sshd: SshServer, ledger: Ledger, on_lost: str
) -> None:
    lease = DEFAULT_LEASE if on_lost == "hold" else LEASE
    with on_stage(distributed(mongo.database_url(), virtual_host, lease=lease), sshd) as product:
        command = f"{ledger.entry('$OPSIMATE_ATTEMPT')}; sleep 9"
        name = action(product, "interrupted", {"command": command, "on_lost": on_lost})
        run_id = product.run(name)["id"]
        eventually(lambda: ledger.lines, what="the command has begun")
        executor = product.part("executor")
        executor.kill()
        executor.start()
        noticed = eventually(
            lambda: [e for e in product.show(run_id)["timeline"] if e["event"] == "step.finished"], within=60
        )
        assert (noticed[0]["state"], noticed[0]["reason"]) == ("unknown", "lost")
        run = product.ended(run_id)
        if on_lost == "hold":
            assert (run["state"], run["reason"]) == ("unknown", "lost")
            assert ledger.lines == [f"{run_id}.000.0000.01"]
        else:
            assert run["state"] == "succeeded"
            assert ledger.lines == [f"{run_id}.000.0000.01", f"{run_id}.000.0000.02"]
            assert [attempt["state"] for attempt in run["steps"][0]["attempts"]] == ["unknown", "succeeded"]


def test_a_trigger_accepted_exists_after_kill_9_of_everything(either: Product, ledger: Ledger) -> None:
    name = action(either, "accepted", ledger.entry("{{ n }}"), parameters=[{"name": "n", "type": "integer"}])
    accepted: list[str] = []

    def trigger() -> None:
        for number in range(10_000):
            try:
                accepted.append(either.run(name, {"n": number})["id"])
            except (httpx.TransportError, AssertionError):
                return

    triggering = threading.Thread(target=trigger)
    triggering.start()
    eventually(lambda: len(accepted) >= 30)
    either.kill_everything()
    triggering.join()
    either.start()
    states = Counter(either.ended(run_id, within=120)["state"] for run_id in accepted)
    assert set(states) <= {"succeeded", "unknown"}
    assert states["succeeded"] > 0
    assert max(Counter(ledger.lines).values()) == 1, "a command ran twice"


def test_statistics_are_exact_after_kill_9_of_both_schedulers_again_and_again(
    mongo: MongoServer, rabbitmq: RabbitMQ, sshd: SshServer
) -> None:
    with on_stage(distributed(mongo.database_url(), rabbitmq.url, schedulers=2), sshd) as product:
        names = [action(product, "well", "true"), action(product, "badly", "false")]
        schedulers = [part for part in product.parts if part.name == "scheduler"]
        made: list[str] = []

        def trigger() -> None:
            for number in range(80):
                run = product.run(names[number % 2])
                made.append(run["id"])

        triggering = threading.Thread(target=trigger)
        triggering.start()
        for number in range(6):
            eventually(lambda wanted=12 * (number + 1): len(made) >= wanted)  # type: ignore[misc]
            schedulers[number % 2].kill()
            schedulers[number % 2].start()
        triggering.join()
        expected = Counter(product.ended(run_id, within=120)["state"] for run_id in made)

        def counted() -> dict[str, int]:
            found: dict[str, int] = product.http.get("/api/v1/statistics").raise_for_status().json()["outcomes"]
            return found

        eventually(lambda: counted() == expected, within=90, what=f"{expected} is counted, and not {counted()}")
        assert counted() == expected
        ended = [product.show(run_id) for run_id in made]
        for name in names:
            last = max((run["ended_at"], run["id"]) for run in ended if run["action"]["name"] == name)
            shown = product.http.get(f"/api/v1/actions/{name}").json()
            assert (shown["last_run"]["ended_at"], shown["last_run"]["id"]) == last
            assert (shown["running"], shown["success_rate"]) == (0, float(name == "well"))


def test_a_second_start_finds_everything_as_it_was(either: Product) -> None:
    run = either.result(action(either, "kept", "echo kept"))
    assert [part.stop() for part in either.parts] == [0] * len(either.parts)
    either.start()
    assert either.show(run["id"]) == run
    assert either.output(run["id"]) == b"kept\n"


def test_no_request_is_told_of_a_fault_while_the_catalog_is_killed_and_started(either: Product) -> None:
    answered: Counter[int] = Counter()
    over = threading.Event()
    paths = ["/", "/api/v1/runs", "/api/v1/actions", "/api/v1/statistics", "/api/v1/session"]

    def ask_on() -> None:
        with httpx.Client(base_url=either.url, headers=either.http.headers, timeout=30) as client:
            for path in itertools.cycle(paths):
                if over.is_set():
                    return
                with suppress(httpx.TransportError):  # nobody listens, or nobody any more
                    answered[client.get(path).status_code] += 1

    askers = [threading.Thread(target=ask_on) for _ in range(2)]
    for asker in askers:
        asker.start()
    for _ in range(3):
        either.catalog.kill()
        either.catalog.start()
        either.wait_until_ready()
    eventually(lambda: answered[200] > 0, what="something is answered")
    over.set()
    for asker in askers:
        asker.join()
    assert set(answered) <= {200, 503}, answered


def test_100_mb_of_output_neither_exhausts_memory_nor_blocks_other_runs(either: Product) -> None:
    executor = either.part("executor").usage
    before = executor.memory_info().rss
    flood = either.run(action(either, "flood", "yes 'a line of the flood' | head -c 104857600"))["id"]
    either.running(flood)
    quick = action(either, "quick", "echo quick")
    most, done = before, 0
    while either.show(flood)["state"] == "running":
        assert either.result(quick, within=20)["state"] == "succeeded"
        done += 1
        most = max(most, executor.memory_info().rss)
    run = either.ended(flood)
    assert run["state"] == "succeeded"
    assert run["steps"][0]["attempts"][0]["output_bytes"] == 104_857_600
    assert done > 0
    assert most - before < 100 * 1024 * 1024, f"grew by {(most - before) / 1e6:.0f} MB"


def test_the_broker_restarted_under_load_loses_no_run(
    mongo: MongoServer, breakable_rabbitmq: RabbitMQ, sshd: SshServer, ledger: Ledger
) -> None:
    with (
        on_stage(distributed(mongo.database_url(), breakable_rabbitmq.virtual_host(), executors=2), sshd) as product,
        ExitStack() as stack,
    ):
        name = action(product, "loaded", ledger.entry("{{ n }}"), parameters=[{"name": "n", "type": "integer"}])
        accepted: list[tuple[int, str]] = []
        stop = threading.Event()
        stack.callback(stop.set)

        def load() -> None:
            for number in range(100_000):
                if stop.is_set():
                    return
                accepted.append((number, product.run(name, {"n": number})["id"]))
                time.sleep(0.05)

        loading = threading.Thread(target=load)
        loading.start()
        eventually(lambda: len(accepted) > 30)
        breakable_rabbitmq.kill()
        breakable_rabbitmq.start()
        seen = len(accepted)
        eventually(lambda: len(accepted) > seen + 30)
        stop.set()
        loading.join()
        states = Counter(product.ended(run_id, within=120)["state"] for _, run_id in accepted)
        assert set(states) == {"succeeded"}
        assert Counter(ledger.lines) == {str(number): 1 for number, _ in accepted}


def test_an_alarm_of_the_broker_costs_time_and_loses_no_run(
    mongo: MongoServer, breakable_rabbitmq: RabbitMQ, sshd: SshServer, ledger: Ledger
) -> None:
    with on_stage(distributed(mongo.database_url(), breakable_rabbitmq.virtual_host()), sshd) as product:
        name = action(product, "alarmed", ledger.entry("{{ n }}"), parameters=[{"name": "n", "type": "integer"}])
        breakable_rabbitmq.set_memory_alarm(on=True)
        eventually(lambda: PROBE.get(f"{product.url}/readyz").status_code == 503, what="the alarm is seen")
        assert "alarm" in PROBE.get(f"{product.url}/readyz").json()["checks"]["bus"]
        runs = [product.run(name, {"n": number})["id"] for number in range(20)]
        breakable_rabbitmq.set_memory_alarm(on=False)
        assert {product.ended(run_id)["state"] for run_id in runs} == {"succeeded"}
        assert Counter(ledger.lines) == {str(number): 1 for number in range(20)}
        assert [part.stop() for part in product.parts] == [0] * len(product.parts)


def test_a_connection_cut_mid_command_is_unknown_and_never_run_again(
    either: Product, own_sshd: Callable[[], SshServer], ledger: Ledger
) -> None:
    server = own_sshd()
    set_stage(either, server, "cut-off")
    command = f"{ledger.entry()}; sleep 30"
    name = action(either, "cut", {"command": command, "provider": "cut-off", "retries": 3})
    run_id = either.run(name)["id"]
    eventually(lambda: ledger.lines)
    server.drop_connections()
    run = either.ended(run_id)
    assert (run["state"], run["reason"]) == ("unknown", "lost")
    assert ledger.lines == ["x"]


def test_a_command_that_takes_its_connection_away_is_run_twice_at_most(
    own_sshd: Callable[[], SshServer], ledger: Ledger
) -> None:
    """Case A30, where the machine does not say that it was restarted."""
    server = own_sshd()
    with on_stage(embedded(), server) as product:
        step = {"command": f"{ledger.entry()}; sleep 300", "on_lost": "rerun", "retries": {"count": 3, "delay": "1s"}}
        run_id = product.run(action(product, "cutting", step))["id"]
        eventually(lambda: ledger.lines, what="the command has begun")
        server.drop_connections()
        eventually(lambda: len(ledger.lines) == 2, what="it has begun again")
        server.drop_connections()
        run = product.ended(run_id)
        assert (run["state"], run["reason"]) == ("unknown", "lost")
        assert "not run a third time" in run["reason_text"]
        assert ledger.lines == ["x", "x"]


def test_a_step_whose_shell_is_ended_by_the_restart_of_its_machine_is_not_run_again(
    own_sshd: Callable[..., SshServer], ledger: Ledger
) -> None:
    """Case A30, where the signal is told before the connection goes."""
    machine = own_sshd(own_machine=True)
    with on_stage(embedded(), machine) as product:
        step = {"command": f"{ledger.entry()}; kill -TERM $$; sleep 300", "retries": {"count": 2, "delay": "5s"}}
        run_id = product.run(action(product, "restarting", step))["id"]
        eventually(lambda: "step.retrying" in [entry["event"] for entry in product.show(run_id)["timeline"]])
        machine.restart_machine()
        run = product.ended(run_id)
        assert (run["state"], run["reason"]) == ("unknown", "lost")
        assert "restarted" in run["reason_text"]
        assert [attempt["reason"] for attempt in run["steps"][0]["attempts"]] == ["signal", "lost"]
        assert ledger.lines == ["x"]


def test_a_step_that_restarts_its_machine_does_so_once(own_sshd: Callable[..., SshServer], ledger: Ledger) -> None:
    """Case A30."""
    machine = own_sshd(own_machine=True)
    with on_stage(embedded(), machine) as product:
        steps = {"command": f"{ledger.entry()}; sleep 300", "on_lost": "rerun", "retries": 3}, "uptime"
        run_id = product.run(action(product, "restarting", *steps))["id"]
        eventually(lambda: ledger.lines, what="the command has begun")
        machine.restart_machine()
        run = product.ended(run_id)
        assert (run["state"], run["reason"]) == ("unknown", "lost")
        assert "restarted" in run["reason_text"]
        assert [attempt["state"] for attempt in run["steps"][0]["attempts"]] == ["unknown", "unknown"]
        assert "was restarted while the command ran" in run["steps"][0]["attempts"][0]["reason_text"]
        assert ledger.lines == ["x"]


def test_two_products_cannot_share_one_embedded_database(sshd: SshServer) -> None:
    with on_stage(embedded(), sshd) as first:
        second = embedded().forked()
        part = second.parts[0]
        part.command = [*part.command[:-1], str(first.directory / "data")]
        part.start()
        assert part.process is not None
        assert part.process.wait(60) != 0
        assert "another" in part.log.read_text()


@pytest.mark.parametrize("killed", ["executor", "scheduler"])
def test_a_step_restarts_its_machine_once_whoever_is_killed_meanwhile(
    either: Product, own_sshd: Callable[..., SshServer], ledger: Ledger, killed: str
) -> None:
    machine, name = own_sshd(own_machine=True), f"machine-{killed}"
    set_stage(either, machine, name)
    command = f"{ledger.entry('restart')}; sleep 120"
    restart = {"command": command, "provider": name, "expect_disconnect": {"back_within": 60}}
    run_id = either.run(action(either, "restarting", restart, {"command": "echo back", "provider": name}))["id"]
    eventually(lambda: ledger.lines)
    if killed == "scheduler":  # while the machine is away; else while the command runs
        machine.halt_machine()
    either.part(killed).kill()
    either.part(killed).start()
    either.wait_until_ready()
    if killed == "scheduler":
        machine.start()
    else:
        eventually(lambda: len(either.show(run_id)["steps"][0]["attempts"]) == 2, what="another attempt waits")
        machine.restart_machine()
    run = either.ended(run_id, within=90)
    assert (run["state"], either.output(run_id)) == ("succeeded", b"back\n"), run["reason_text"]
    assert ledger.lines == ["restart"]
