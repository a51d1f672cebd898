import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator

import pytest

from shared import contracts
from shared.bus import topology
from shared.bus.memory import matches
from shared.bus.topology import ROUTES, Queue, Route, route_of
from shared.contracts.model import Message
from shared.contracts.run import AdvanceRun, ExecuteStep

QUEUES = (
    topology.scheduler_queue(),
    topology.definitions_queue(),
    topology.statistics_queue(),
    topology.steps_queue("{pool}"),
    topology.tests_queue("{pool}"),
    topology.alert_bridge_queue(),
    topology.executor_instance_queue("{instance}"),
    topology.catalog_instance_queue("{reply_to}"),
)


def messages(parent: type[Message] = Message) -> Iterator[type[Message]]:
    """Every class of messages that the product has."""
    for module in pkgutil.iter_modules(contracts.__path__, f"{contracts.__name__}."):
        importlib.import_module(module.name)
    for message in parent.__subclasses__():
        yield from messages(message)
        if message.__module__.startswith(contracts.__name__):
            yield message


def arrives(route: Route, queue: Queue) -> bool:
    return any(exchange == route.exchange and matches(pattern, route.key) for exchange, pattern in queue.bindings)


def test_every_message_has_exactly_one_route() -> None:
    assert Counter(route.message for route in ROUTES) == Counter(messages())


def test_every_kind_of_message_is_unique() -> None:
    kinds = Counter(message.kind for message in messages())
    assert set(kinds.values()) == {1}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.message.__name__)
def test_every_message_arrives_in_the_queues_that_know_it_and_in_no_other(route: Route) -> None:
    knowing = [queue.name for queue in QUEUES if route.message in queue.messages]
    assert knowing
    assert [queue.name for queue in QUEUES if arrives(route, queue)] == knowing


def test_a_routing_key_names_the_pool_of_its_message() -> None:
    step = ExecuteStep(attempt_id="a", run_id="r", pool="eu.west")
    assert route_of(step).key_of(step) == "executor.eu.west.execute_step"


def test_a_message_without_a_route_is_an_error_that_says_what_to_do() -> None:
    class Unheard(AdvanceRun):
        kind = "unheard"

    with pytest.raises(LookupError, match="Unheard has no route; add one to ROUTES"):
        route_of(Unheard(run_id="r"))
