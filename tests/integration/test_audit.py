"""The audit: all that is done leaves one entry in one chain, however many write at once and whenever one dies."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.handlers.audit import AuditFilter, enter_all, list_entries
from catalog.handlers.checks import CheckContext
from catalog.handlers.definitions import Definitions, Write
from scheduler.handlers.audit import RunAudit
from shared.admission import Tokens
from shared.audit import ChainCheck, audit_head, enter, entries_from
from shared.collections import ALL, AUDIT, AUDIT_CHAIN, REMOVED_TOKENS, RUNS
from shared.contracts.audit import AuditFact, entry_id
from shared.contracts.origin import Origin
from shared.contracts.principal import GRANTS, Principal, TokenDefinition
from shared.contracts.provider import ProviderDefinition
from shared.contracts.run import Control
from shared.contracts.secret import SecretDefinition
from shared.encryption import Sealer
from shared.kinds import PROVIDER, SECRET, Kind
from shared.runs.repository import document_of
from shared.store import DocumentStore
from shared.store.port import Changes
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import NOON, a_run, an_action
from tests.builders_catalog import a_catalog, an_action_body
from tests.integration.conftest import NewStore
from tests.mortal import Life, Mortal

BROWSER = Origin(address="10.0.0.7", program="Mozilla/5.0", credential="session")
ADA = Principal("01KB0V5W3Y3Q9M1QK5M6Y9T2XR", "ada", "person", GRANTS["administrator"], "administrator", origin=BROWSER)
BY = Write(ADA.name, ADA.id, "why", origin=BROWSER)
SEALER = Sealer(bytes(32))


@dataclass
class World:
    """A store, and the time."""

    store: Any
    now: datetime = NOON

    def clock(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def definitions(self, kind: Kind[Any] = PROVIDER) -> Definitions[Any]:
        return Definitions(kind, CheckContext(self.store, SEALER, allow_local=True), self.clock)

    async def entries(self) -> list[dict[str, Any]]:
        return [entry async for page in entries_from(self.store, 1) for entry in page]

    async def check(self) -> Counter[str]:
        """What each entry tells of, once it is sure that the chain holds."""
        check, entries = ChainCheck(), await self.entries()
        assert [check.take(entry) for entry in entries] == [None] * len(entries)
        assert check.end(await audit_head(self.store)) is None
        return Counter(entry["source"] for entry in entries)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    store = SqliteDocumentStore(tmp_path / "store.db")
    await store.open(ALL)
    yield World(store)
    await store.close()


def here(**fields: Any) -> ProviderDefinition:
    return ProviderDefinition.model_validate({"name": "here", "connection": {"local": {}}, **fields})


def facts(*names: str) -> list[AuditFact]:
    return [AuditFact(source=name, kind="run.requested", of="run", at=NOON, by="ada", name="x") for name in names]


async def test_each_version_is_entered_once_with_who_and_from_where_and_what_was_before(world: World) -> None:
    await world.definitions().put(here(), BY)
    await world.definitions().put(here(description="Other"), BY)
    await world.definitions().delete("here", BY)
    await world.definitions().put(here(), Write("bob", "B"))
    assert await enter_all(world.store, world.clock) == 4
    assert await enter_all(world.store, world.clock) == 0
    assert set((await world.check()).values()) == {1}
    created, changed, deleted, anew = await world.entries()
    assert [one["kind"] for one in (created, changed, deleted, anew)] == [
        *("provider.created", "provider.changed", "provider.deleted", "provider.created")
    ]
    assert (created["by"], created["principal_id"], created["note"]) == ("ada", ADA.id, "why")
    assert created["origin"] == {"address": "10.0.0.7", "program": "Mozilla/5.0", "credential": "session"}
    assert "origin" not in anew
    assert (created["details"].keys(), created["details"]["version"]) == ({"version", "new"}, 1)
    assert changed["details"]["old"] == created["details"]["new"]
    assert changed["details"]["new"]["sha256"] != changed["details"]["old"]["sha256"]
    assert deleted["details"] == {"version": 3, "old": changed["details"]["new"]}
    assert anew["details"] == {"version": 4, "new": {**created["details"]["new"], "version": 4}}


async def test_nothing_of_a_secret_is_in_its_entries(world: World) -> None:
    for value in ("hunter2", "hunter3"):
        await world.definitions(SECRET).put(SecretDefinition(name="db", value=value), BY)
    await enter_all(world.store, world.clock)
    first, second = await world.entries()
    assert [first["kind"], second["kind"]] == ["secret.created", "secret.changed"]
    assert first["details"]["new"]["sha256"] == second["details"]["new"]["sha256"]
    assert "hunter" not in str([first, second])


async def test_whenever_who_enters_dies_each_fact_has_one_entry_in_one_chain(world: World) -> None:
    for number in range(60):
        await world.definitions().put(here(description=f"{number}"), BY)
        for is_made in (False, True):
            life = Life(calls_left=1 + number // 2, is_made=is_made)
            with suppress(asyncio.CancelledError):
                await enter_all(Mortal(world.store, life), world.clock)
            others = facts(f"other/{number}/{is_made}")
            with suppress(asyncio.CancelledError):
                await enter(Mortal(world.store, Life(calls_left=1 + number % 7, is_made=is_made)), others, world.clock)
            await enter(world.store, others, world.clock)
    await enter_all(world.store, world.clock)
    assert await enter_all(world.store, world.clock) == 0
    sources = await world.check()
    assert set(sources.values()) == {1}
    assert len(sources) == 60 + 120


@pytest.mark.parametrize("seed", range(3))
async def test_many_that_enter_the_same_at_once_keep_one_chain(new_store: NewStore, seed: int) -> None:
    stores = [new_store() for _ in range(3)]
    for store in {id(one): one for one in stores}.values():
        await store.open(ALL)
    chance = random.Random(seed)
    names = [f"fact/{number}" for number in range(40)]

    async def one(store: DocumentStore) -> None:
        mine = Mortal(store, Life(chance=chance))
        for _ in range(6):
            await enter(mine, facts(*chance.sample(names, 12)), lambda: NOON)
        await enter(mine, facts(*names), lambda: NOON)

    await asyncio.gather(*(one(store) for store in stores for _ in range(2)))
    assert await World(stores[0]).check() == Counter(names)
    for store in {id(one): one for one in stores}.values():
        await store.close()


async def test_a_chain_whose_head_was_lost_goes_on_behind_its_newest_entry(world: World) -> None:
    for name in ("one", "two"):
        await world.definitions().put(here(name=name), BY)
    await enter_all(world.store, world.clock)
    await world.store.delete(AUDIT_CHAIN, {})
    assert (await audit_head(world.store)).number == 2
    await world.definitions().put(here(name="three"), BY)
    await enter_all(world.store, world.clock)
    entries = await world.entries()
    assert [entry["name"] for entry in entries] == ["one", "two", "three"]
    check = ChainCheck()
    assert not any(map(check.take, entries))
    assert check.end(await audit_head(world.store)) is None


async def test_entries_that_stand_in_the_head_alone_are_there_for_who_reads(world: World) -> None:
    await enter(world.store, facts("a"), world.clock)
    life = Life(
        calls_left=4, is_made=True
    )  # the head is read and its entries counted, what is known found, it is moved
    with suppress(asyncio.CancelledError):
        await enter(Mortal(world.store, life), facts("b", "c"), world.clock)
    assert life.calls == ["get", "count", "find", "replace"]
    assert await world.store.count(AUDIT, {}) == 1
    assert (await audit_head(world.store)).number == 3
    assert await world.check() == Counter(["a", "b", "c"])


async def test_a_run_and_all_that_it_is_told_is_entered_once(world: World) -> None:
    run = a_run(an_action())
    run.origin, run.trigger.principal_id, run.trigger.note = BROWSER, ADA.id, "after the upgrade"
    await world.store.insert(RUNS, document_of(run))
    first, second = RunAudit(world.store, world.clock), RunAudit(world.store, world.clock)
    await first.enter({run.id})
    for kind in ("pause", "resume", "cancel"):
        control = Control(kind=kind, by="bob", principal_id="B", at=world.clock(), comment=f"{kind} it", origin=BROWSER)
        document = control.model_dump(mode="json")
        await world.store.change(RUNS, {"id": run.id}, Changes(append={"controls": [document]}))
        await asyncio.gather(first.enter({run.id, "gone"}), second.enter({run.id}))
    assert set((await world.check()).values()) == {1}
    asked, *told = await world.entries()
    assert (asked["by"], asked["principal_id"], asked["note"]) == ("admin", ADA.id, "after the upgrade")
    assert asked["origin"]["address"] == "10.0.0.7"
    assert [entry["kind"] for entry in told] == ["run.pause", "run.resume", "run.cancel"]
    assert {entry["note"] for entry in told} == {"pause it", "resume it", "cancel it"}
    assert {entry["run_id"] for entry in told} == {run.id}


async def test_a_token_that_is_made_and_deleted_is_told_of_whenever_who_deletes_it_dies(world: World) -> None:
    for calls in range(1, 4):
        for is_made in (False, True):
            mine = Tokens(Mortal(world.store, life := Life()), world.clock)
            await mine.create(TokenDefinition(name="prom", role="metrics"), f"token-{calls}-{is_made}", ADA)
            token = await Tokens(world.store).named("prom")
            assert token is not None
            life.calls_left, life.is_made = calls, is_made
            with suppress(asyncio.CancelledError):
                await mine.remove(token, ADA)
            await enter_all(world.store, world.clock)
            noted = Counter(entry["kind"] for entry in await world.entries() if token.uid in entry["source"])
            is_gone = await Tokens(world.store).named("prom") is None
            assert noted == Counter(["token.created", *(["token.deleted"] if is_gone else [])])
            if not is_gone:  # nothing was noted, so nothing was deleted
                assert (calls, is_made) == (1, False)
                await Tokens(world.store, world.clock).remove(token, ADA)
                await enter_all(world.store, world.clock)
    assert await world.store.count(REMOVED_TOKENS, {}) == 0
    assert set((await world.check()).values()) == {1}
    made = (await world.entries())[0]
    assert (made["by"], made["details"]["role"], made["origin"]["address"]) == ("ada", "metrics", "10.0.0.7")


async def test_entries_are_found_by_whom_what_where_and_when(world: World) -> None:
    await world.definitions().put(here(), BY)
    await world.definitions().put(here(name="other"), Write("bob", "B"))
    run = a_run(an_action(name="other"))
    await world.store.insert(RUNS, document_of(run))
    await enter_all(world.store, world.clock)
    await RunAudit(world.store, world.clock).enter({run.id})

    async def found(**wanted: Any) -> list[str]:
        return [entry["source"] for entry in await list_entries(world.store, AuditFilter(**wanted), None, 10)]

    first, second, third = "provider/here@1", "provider/other@1", f"run/{run.id}"
    assert await found() == [second, first, third]  # the run was asked for at noon, and the others after that
    assert await found(principal="ada") == await found(principal=ADA.id) == [first]
    assert await found(kind="provider") == await found(kind="provider.created") == [second, first]
    assert await found(kind="run") == await found(run=run.id) == [third]
    assert await found(name="other") == [second, third]
    assert await found(until=NOON) == [third]
    assert await found(since=NOON + timedelta(milliseconds=1)) == [second, first]
    [page] = await list_entries(world.store, AuditFilter(), None, 1)
    assert [one["source"] for one in await list_entries(world.store, AuditFilter(), (page["at"], page["id"]), 1)] == [
        first
    ]


async def test_over_http_an_entry_says_from_where_and_the_chain_can_be_exported(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        http = catalog.http
        await catalog.with_provider()
        headers = {"User-Agent": "opsimate/1.2"}
        answer = await http.post("/api/v1/actions", json=an_action_body(), params={"note": "n"}, headers=headers)
        assert answer.status_code == 201, answer.text
        async with asyncio.timeout(10):
            while (head := (await http.get("/api/v1/audit/head")).json())["number"] < 4:
                await asyncio.sleep(0.02)
        items = (await http.get("/api/v1/audit", params={"kind": "action"})).json()["items"]
        assert [(one["name"], one["by"], one["note"]) for one in items] == [("restart", "admin", "n")]
        assert items[0]["origin"]["program"] == "opsimate/1.2"
        pages: list[int] = []
        cursor: str | None = None
        while cursor is not None or not pages:
            query = {"limit": "1", **({"cursor": cursor} if cursor else {})}
            page = (await http.get("/api/v1/audit", params=query)).json()
            pages, cursor = [*pages, *(one["number"] for one in page["items"])], page["next"]
        assert pages == [4, 3, 2, 1]
        lines = (await http.get("/api/v1/audit/export")).text.splitlines()
        assert len(lines) == head["number"]
        for done in ("action", "provider_group.deleted", "token.created", "run.requested", "run.override"):
            assert (await http.get("/api/v1/audit", params={"kind": done})).status_code == 200
        for slip, meant in (("acton", "action"), ("action.chnaged", "action.changed"), ("run.approved", "run.approve")):
            refused = await http.get("/api/v1/audit", params={"kind": slip})
            assert (refused.status_code, f"did you mean '{meant}'?" in refused.json()["detail"]) == (422, True)
        for query in ({"kind": "Action!"}, {"cursor": "bm8"}, {"since": "yesterday"}):
            assert (await http.get("/api/v1/audit", params=query)).status_code == 422
        assert (await http.get("/api/v1/audit/export", params={"from": 3})).text.splitlines() == lines[2:]


async def test_the_chain_is_checked_over_http_part_by_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.handlers.audit.MOST_CHECKED", 1)
    async with a_catalog(tmp_path) as catalog:
        await catalog.with_provider()
        await catalog.made("actions", an_action_body())
        await enter_all(catalog.store, lambda: NOON)
        head = (await catalog.get("audit/head")).json()
        place = f"{head['number']}:{head['hash']}"
        part = (await catalog.get("audit/check", expect=place)).json()
        parts = [part]
        while not part["is_end"]:
            last = f"{part['last']['number']}:{part['last']['hash']}"
            part = (await catalog.get("audit/check", after=last, expect=place)).json()
            parts.append(part)
        assert [one["last"]["number"] for one in parts] == [*range(1, head["number"] + 1), head["number"]]
        assert (part["last"]["hash"], part["broken"]) == (head["hash"], None)
        assert (await catalog.get("audit/check", after="2:nonsense")).status_code == 422
        wrong = (await catalog.get("audit/check", expect=f"{head['number'] + 1}:{head['hash']}", after=place)).json()
        assert "the last ones were removed" in wrong["broken"]["meaning"]
        await catalog.store.change(AUDIT, {"id": entry_id(2)}, Changes(set={"by": "somebody else"}))
        before = (await catalog.get("audit/check")).json()["last"]
        broken = (await catalog.get("audit/check", after=f"1:{before['hash']}")).json()
        assert (broken["broken"]["number"], broken["last"]["number"]) == (2, 1)
        assert "somebody changed it" in broken["broken"]["meaning"]
