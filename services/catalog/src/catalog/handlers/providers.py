"""Providers: tests of their connections, asked of the executors of their pools and awaited, and their host keys."""

from collections.abc import Sequence

import structlog

from catalog.handlers.questions import Questions
from shared.bus.port import Bus, BusUnavailableError
from shared.clock import new_id
from shared.collections import HOST_KEYS
from shared.contracts.host_key import read_host_key
from shared.contracts.provider import (
    TEST_WITHIN,
    ProviderDefinition,
    ProviderTested,
    ProviderTestReport,
    TestProvider,
    pin_id,
)
from shared.definitions import Stored
from shared.store.port import Document, DocumentStore, OneOf

ANSWER_WITHIN = TEST_WITHIN + 5.0
"""Seconds: as long as an executor takes at most, and the way there and back."""

log = structlog.get_logger()


class ProviderTests:
    """The tests that were asked for here and are not answered yet."""

    def __init__(self, bus: Bus, instance: str) -> None:
        self._instance = instance
        self._questions = Questions[ProviderTestReport](bus)

    async def test(self, provider: Stored[ProviderDefinition], within: float | None = None) -> ProviderTestReport:
        """How an executor fares with the provider; a report that says so where none answers in time (seconds)."""
        definition, request_id = provider.definition, new_id()
        limit = ANSWER_WITHIN if within is None else within
        command = TestProvider(
            provider=provider.name, pool=definition.pool, request_id=request_id, reply_to=self._instance
        )
        try:
            return await self._questions.ask(command, request_id, within=limit)
        except TimeoutError:
            return _no_answer(definition.pool, limit)
        except BusUnavailableError as error:
            log.warning("provider.test_not_sent", provider=provider.name, error=str(error))
            return _no_broker()

    def close(self) -> None:
        """Whoever waits for a test is told that this process stops."""
        self._questions.close()

    def answered(self, event: ProviderTested) -> None:
        """An executor reports; nobody waits any more for a late one."""
        self._questions.answered(event.request_id, event.report)


def _no_answer(pool: str, limit: float) -> ProviderTestReport:
    message = (
        f"no executor of the pool '{pool}' answered within {limit:g} s: "
        f"start one with OPSIMATE_POOLS={pool}, or name another pool in the provider"
    )
    return ProviderTestReport(ok=False, reason="no_executor", message=message)


def _no_broker() -> ProviderTestReport:
    message = "the message broker cannot be reached now, so no executor can be asked; try again once it is back"
    return ProviderTestReport(ok=False, reason="no_executor", message=message)


async def host_keys_of(
    store: DocumentStore, providers: Sequence[Stored[ProviderDefinition]]
) -> list[tuple[str | None, str | None]]:
    """The fingerprint that each of the providers has to show, and when it was pinned: none where nothing is, or not by
    a connection.
    """
    pins = {
        provider.name: pin_id(provider.uid, ssh)
        for provider in providers
        if (ssh := provider.definition.connection.ssh) is not None
    }
    found = await store.find(HOST_KEYS, {"id": OneOf(tuple(pins.values()))}, limit=len(pins)) if pins else []
    pinned = {document["id"]: document for document in found}
    return [_host_key(provider, pinned.get(pins.get(provider.name, ""))) for provider in providers]


def _host_key(provider: Stored[ProviderDefinition], pin: Document | None) -> tuple[str | None, str | None]:
    ssh = provider.definition.connection.ssh
    if ssh is not None and ssh.host_key is not None:
        return read_host_key(ssh.host_key).fingerprint, None
    if pin is None or ssh is None or ssh.host_ca is not None:
        return None, None
    return pin["fingerprint"], pin["pinned_at"]
