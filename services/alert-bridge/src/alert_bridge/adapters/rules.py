"""The alert rules as they are stored now."""

import asyncio

from shared.contracts.alert import AlertRuleDefinition
from shared.definitions import alert_rules
from shared.store.port import DocumentStore


class RuleReader:
    """Reads the rules for everybody who asks, with one read for all who ask while another is under way.

    Nobody gets what was read before they asked: a rule that is saved holds for the next alert.
    """

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self._reading: asyncio.Task[list[AlertRuleDefinition]] | None = None
        self._next: asyncio.Task[list[AlertRuleDefinition]] | None = None

    async def read(self) -> list[AlertRuleDefinition]:
        """Every rule, by name, as of a read that begins after this call."""
        if self._next is None:
            self._next = asyncio.create_task(self._read_after(self._reading))
        return await asyncio.shield(self._next)

    async def _read_after(self, before: asyncio.Task[list[AlertRuleDefinition]] | None) -> list[AlertRuleDefinition]:
        if before is not None:
            await asyncio.wait([before])
        self._reading, self._next = self._next, None
        return [rule.definition for rule in await alert_rules(self._store)]
