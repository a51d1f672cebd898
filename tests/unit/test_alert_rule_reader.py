"""Rules are read together, and never from before they were asked for; integrations at most every two seconds."""

import asyncio
from typing import Any, cast

from alert_bridge.adapters.reading import IntegrationReader, RuleReader
from shared.definitions import definition_document
from shared.store import Collection, DocumentStore, StoreUnavailableError
from tests.builders import NOON
from tests.builders_alerts import SEALER, a_rule


class SlowStore:
    """A store of rules whose reads see what is there when they begin, and end when the test lets them."""

    def __init__(self) -> None:
        self.rules = ["first"]
        self.reads = 0
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self.fails = False

    async def find(self, collection: Collection, *_arguments: Any, **_options: Any) -> list[Any]:
        if collection.name == "actions":  # which may own rules, and none does here
            return []
        self.reads += 1
        seen = list(self.rules)
        self.begun.set()
        await self.go_on.wait()
        if self.fails:
            raise StoreUnavailableError("away")
        return [{**definition_document(a_rule(name), uid=name, by="admin", at=NOON), "version": 1} for name in seen]


async def test_a_rule_saved_while_rules_are_being_read_holds_for_whoever_asks_after_it() -> None:
    store = SlowStore()
    reader = RuleReader(cast(DocumentStore, store))
    before = asyncio.create_task(reader.read())
    await store.begun.wait()
    store.rules.append("second")
    after = [asyncio.create_task(reader.read()) for _ in range(5)]
    store.go_on.set()

    assert [rule.name for rule in await before] == ["first"]
    assert [[rule.name for rule in rules] for rules in await asyncio.gather(*after)] == [["first", "second"]] * 5
    assert store.reads == 2


async def test_a_read_that_failed_is_nobody_elses_failure() -> None:
    store = SlowStore()
    store.fails = True
    store.go_on.set()
    reader = RuleReader(cast(DocumentStore, store))
    failed = await asyncio.gather(reader.read(), return_exceptions=True)
    store.fails = False

    assert isinstance(failed[0], StoreUnavailableError)
    assert [rule.name for rule in await reader.read()] == ["first"]


async def test_whoever_asks_for_integrations_while_they_are_read_waits_for_that_read_and_fails_with_it() -> None:
    """Nobody needs a token to ask: with the store away, those who wait must not pile up behind each other."""
    store = SlowStore()
    store.rules, store.fails = [], True
    reader = IntegrationReader(cast(DocumentStore, store), SEALER)
    asked = [asyncio.create_task(reader.read("generic")) for _ in range(5)]
    await store.begun.wait()
    store.go_on.set()
    failed = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in failed] == [StoreUnavailableError] * 5
    assert store.reads == 1

    store.fails = False
    assert await asyncio.gather(*(reader.read("generic") for _ in range(5))) == [[]] * 5
    assert store.reads == 2
