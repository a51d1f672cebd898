"""One table of exchanges, queues and bindings: who hears what.

Durable queues are shared by all instances of a service, and each message goes to one of them. Instance queues
belong to one process and end with it: each instance hears every message.
"""

from dataclasses import dataclass

from shared.contracts.channel import ChannelTested, TestChannel
from shared.contracts.definition import DefinitionsChanged
from shared.contracts.delivery import ReplayDelivery
from shared.contracts.model import Message
from shared.contracts.notification import SendNotifications
from shared.contracts.provider import ProviderTested, TestProvider
from shared.contracts.rule_trial import RulesTried, TryRules
from shared.contracts.run import AdvanceRun, CancelAttempts, ExecuteStep, RunsChanged, RunsProgressed, StepFinished

COMMANDS = "opsimate.commands"
EVENTS = "opsimate.events"
EXCHANGES = (COMMANDS, EVENTS)
"""Topic exchanges, durable."""

DEAD_LETTERS = "opsimate.dead-letters"
"""The durable queue of messages that could not be handled, each with the headers ``error`` and ``queue``.

Those that ended the process of every consumer are put there by the broker, which says why in ``x-death``.
"""


@dataclass(frozen=True)
class Route:
    """Where messages of one class go: the routing key may name fields of the message in braces."""

    message: type[Message]
    exchange: str
    key: str

    def key_of(self, message: Message) -> str:
        """The routing key of one message."""
        return self.key.format_map(vars(message)) if "{" in self.key else self.key


ROUTES = (
    Route(AdvanceRun, COMMANDS, "scheduler.advance_run"),
    Route(ExecuteStep, COMMANDS, "executor.{pool}.execute_step"),
    Route(TestProvider, COMMANDS, "executor.{pool}.test_provider"),
    Route(ReplayDelivery, COMMANDS, "alert_bridge.replay_delivery"),
    Route(TestChannel, COMMANDS, "alert_bridge.test_channel"),
    Route(TryRules, COMMANDS, "alert_bridge.try_rules"),
    Route(SendNotifications, COMMANDS, "alert_bridge.send_notifications"),
    Route(CancelAttempts, EVENTS, "attempts.cancel_requested"),
    Route(StepFinished, EVENTS, "step.finished"),
    Route(DefinitionsChanged, EVENTS, "definitions.changed"),
    Route(RunsChanged, EVENTS, "runs.changed"),
    Route(RunsProgressed, EVENTS, "runs.progressed"),
    Route(ProviderTested, EVENTS, "provider.tested.{reply_to}"),
    Route(ChannelTested, EVENTS, "channel.tested.{reply_to}"),
    Route(RulesTried, EVENTS, "rules.tried.{reply_to}"),
)
_ROUTE_OF_CLASS = {route.message: route for route in ROUTES}


def route_of(message: Message) -> Route:
    """The route of a message; ``LookupError`` for a class that the table does not have."""
    try:
        return _ROUTE_OF_CLASS[type(message)]
    except KeyError:
        raise LookupError(f"{type(message).__name__} has no route; add one to ROUTES") from None


@dataclass(frozen=True)
class Queue:
    """A queue, its bindings as (exchange, routing key), and the classes of messages that arrive in it."""

    name: str
    bindings: tuple[tuple[str, str], ...]
    messages: tuple[type[Message], ...]
    durable: bool = True
    """A quorum queue shared by all instances; otherwise an exclusive one that ends with its process."""
    deliveries: int = 5
    """How often a message is delivered before it counts as poison."""


def scheduler_queue() -> Queue:
    """What moves runs on; shared by all schedulers."""
    bindings = ((COMMANDS, "scheduler.#"), (EVENTS, "step.finished"))
    return Queue("opsimate.scheduler", bindings, (AdvanceRun, StepFinished))


def definitions_queue() -> Queue:
    """What happens to schedules and maintenance windows; shared by all schedulers."""
    return Queue("opsimate.scheduler.definitions", ((EVENTS, "definitions.changed"),), (DefinitionsChanged,))


def statistics_queue() -> Queue:
    """What the statistics count; shared by all schedulers."""
    return Queue("opsimate.scheduler.statistics", ((EVENTS, "runs.changed"),), (RunsChanged,))


def steps_queue(pool: str) -> Queue:
    """Steps for the executors of one pool."""
    return Queue(f"opsimate.executor.{pool}.steps", ((COMMANDS, f"executor.{pool}.execute_step"),), (ExecuteStep,))


def tests_queue(pool: str) -> Queue:
    """Connection tests for the executors of one pool; apart, so that they never wait behind steps."""
    return Queue(f"opsimate.executor.{pool}.tests", ((COMMANDS, f"executor.{pool}.test_provider"),), (TestProvider,))


def alert_bridge_queue() -> Queue:
    """What is asked of the alert-bridge; shared by all its instances."""
    messages = (ReplayDelivery, TestChannel, TryRules, SendNotifications)
    return Queue("opsimate.alert-bridge", ((COMMANDS, "alert_bridge.#"),), messages)


def notifications_queue() -> Queue:
    """What channels are told of; shared by all alert-bridges."""
    return Queue("opsimate.alert-bridge.notifications", ((EVENTS, "runs.changed"),), (RunsChanged,))


def executor_instance_queue(instance: str) -> Queue:
    """What every executor has to hear."""
    name = f"opsimate.executor.instance.{instance}"
    return Queue(name, ((EVENTS, "attempts.cancel_requested"),), (CancelAttempts,), durable=False)


def catalog_instance_queue(instance: str) -> Queue:
    """What every catalog has to hear: progress for its event streams, answers to its own questions."""
    answers = [(EVENTS, f"{what}.{instance}") for what in ("provider.tested", "channel.tested", "rules.tried")]
    messages = (RunsProgressed, ProviderTested, ChannelTested, RulesTried)
    bindings = ((EVENTS, "runs.progressed"), *answers)
    return Queue(f"opsimate.catalog.instance.{instance}", bindings, messages, durable=False)
